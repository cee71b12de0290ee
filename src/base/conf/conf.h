/*
 * base/conf/conf.h: every setting, from one table (table.c): environment,
 * file, flag, NAME_FILE; --help, the sample file and the manual come from it.
 *
 * Flag over environment over file. Frozen after conf_load(): many read it,
 * nobody writes. Unknown CRAB_* names are errors (ERR_INPUT).
 */
#ifndef BASE_CONF_CONF_H
#define BASE_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/secret.h"

enum conf_role { ROLE_CLIENT = 1, ROLE_AGENT = 2, ROLE_SERVER = 4 };

/* Texts are owned, NULL when not set (unless a preset is given). */
struct conf {
    unsigned roles; /* CRAB_ROLE: client,agent,server */

    /* service */
    char *state_dir;       /* CRAB_STATE_DIR, /var/lib/crab */
    char *worker_path;     /* CRAB_WORKER, libexecdir/crab-worker */
    bool compat;           /* CRAB_COMPAT */
    enum log_level log_level; /* LOG_LEVEL */
    char *log_form;        /* CRAB_LOG_FORMAT: auto json text */
    uint64_t drain_ms;     /* CRAB_DRAIN_TIMEOUT, 30s */
    char *listen;          /* CRAB_LISTEN: address of all listeners, all */

    /* trust and proxies (all outgoing connections) */
    char *ca_file;         /* NODE_EXTRA_CA_CERTS, synonym CA_CERT */
    bool tls_insecure;     /* NODE_TLS_REJECT_UNAUTHORIZED=0 */
    char *http_proxy, *https_proxy, *no_proxy; /* both cases */
    char *https_cert, *https_key; /* HTTPS_CERT, HTTPS_KEY: our listeners */
    char *allow_http;      /* CRAB_ALLOW_HTTP: host[:port],... */

    /* agent */
    uint16_t agent_port;   /* SNYK_PORT, 17500 */
    uint64_t max_image_bytes; /* SNYK_MAX_IMAGE_SIZE_IN_BYTES, 2 GiB */
    unsigned max_active;   /* MAX_ACTIVE_OPERATIONS, usable CPUs */
    unsigned max_queued;   /* CRAB_MAX_QUEUED_JOBS, 1000 */
    bool disable_list_repos; /* SNYK_DISABLE_LIST_REPOS */
    char *callback_hosts;  /* CRAB_CALLBACK_HOSTS: host[:port],... */
    char *realm_hosts;     /* CRAB_REALM_HOSTS: more hosts for token realms */
    unsigned registry_retries; /* DOCKER_REGISTRY_V2_CLIENT_MAX_RETRIES, 4 */
    /* DOCKER_REGISTRY_V2_CLIENT_NEEDLE_OPEN_TIMEOUT */
    uint64_t registry_connect_ms;
    uint64_t callback_give_up_ms; /* CRAB_CALLBACK_GIVE_UP, 15m */
    uint64_t layer_cache_bytes;   /* CRAB_LAYER_CACHE_SIZE, 1 GiB */
    char *host_id;         /* CRAB_HOST_ID: who holds a job's lease */

    /* ceilings of a worker; 0: none. gzip's own ratio ends at 1032 */
    uint64_t layer_plain_limit_bytes; /* CRAB_LAYER_PLAIN_LIMIT, 64 GiB */
    uint64_t layer_ratio_limit;       /* CRAB_LAYER_RATIO_LIMIT, 1100 */
    uint64_t layer_entries_limit;     /* CRAB_LAYER_ENTRIES_LIMIT, 10000000 */
    uint64_t path_limit_bytes;        /* CRAB_PATH_LIMIT, 4096 */
    uint64_t product_limit_bytes;     /* CRAB_PRODUCT_LIMIT, 64 MiB */
    uint64_t nesting_limit;           /* CRAB_NESTING_LIMIT, 8 */
    uint64_t worker_memory_bytes;     /* CRAB_WORKER_MEMORY, 512 MiB */
    uint64_t worker_cpu_s;            /* CRAB_WORKER_CPU, seconds, 3600 */
    uint64_t worker_idle_ms;          /* CRAB_WORKER_IDLE_TIMEOUT, 2m */

    /* broker client */
    struct secret *broker_token; /* BROKER_TOKEN */
    char *broker_server_url;   /* BROKER_SERVER_URL */
    char *broker_client_url;   /* BROKER_CLIENT_URL */
    uint16_t client_port;      /* PORT, 7341 (with role client) */
    char *accept;              /* ACCEPT */
    char *cr_agent_url;        /* CR_AGENT_URL */
    char *cr_type, *cr_base, *cr_username, *cr_role_arn, *cr_region,
        *cr_external_id;       /* CR_* */
    struct secret *cr_password, *cr_token, *cr_credentials;
    char *healthcheck_path;    /* BROKER_HEALTHCHECK_PATH, /healthcheck */
    char *systemcheck_path;    /* BROKER_SYSTEMCHECK_PATH, /systemcheck */
    char *validation_url;      /* BROKER_CLIENT_VALIDATION_URL */
    char *validation_method;   /* BROKER_CLIENT_VALIDATION_METHOD, GET */
    uint64_t validation_timeout_ms; /* BROKER_CLIENT_VALIDATION_TIMEOUT_MS */
    struct secret *validation_authorization; /* ..._AUTHORIZATION_HEADER[_POOL]:
                                    NULL when cr_credentials is to be used */
    struct secret *validation_basic; /* ..._BASIC_AUTH */
    char *broker_version;      /* BROKER_VERSION, 5.22.14 */
    uint64_t ping_interval_ms; /* SOCKET_PING_INTERVAL, 25000 */
    uint64_t pong_timeout_ms;  /* SOCKET_PONG_TIMEOUT, 10000 */
    uint64_t socket_connect_ms; /* SOCKET_CONNECT_TIMEOUT, 10000 */
    uint64_t max_ack_bytes;    /* SOCKET_MAX_RESPONSE_LENGTH, 20971520 */
    uint64_t post_idle_ms;     /* BROKER_CLIENT_POST_TIMEOUT, 1200000 */
    uint64_t client_request_ms; /* BROKER_WEBSERVER_REQUEST_TIMEOUT, 600000 */
    bool remove_x_forwarded;   /* REMOVE_X_FORWARDED_HEADERS */
    bool no_body_vars, no_header_vars; /* DISABLE_*_VARS_SUBSTITUTION */

    /* server; as the only role, PORT and ACCEPT serve for the first two */
    uint16_t server_port;      /* CRAB_SERVER_PORT, 7342 */
    char *server_accept;       /* CRAB_SERVER_ACCEPT */
    uint64_t server_response_ms; /* CRAB_SERVER_RESPONSE_TIMEOUT, 0: none */
    uint64_t inbox_limit_bytes; /* CRAB_INBOX_LIMIT, 1 GiB */
};

/*
 * Read everything.
 *   file    NULL: sysconfdir/crab/crab.conf if it is there; a named file must
 *           be; "": none
 *   env     NULL: the process's environment
 *   flags   "--name" "value" pairs already split, NULL-terminated; may be NULL
 */
int conf_load(struct conf **out, const char *file, char *const *env,
              const char *const *flags, struct err *err);
void conf_free(struct conf *conf);

/*
 * Any setting by its environment name, the ones that only exist in the
 * environment or the file included (filter origins, BROKER_VAR_SUB); secrets
 * too. "NAME_POOL" comma lists are not resolved here. NULL when unknown.
 * Borrowed from conf.
 */
const char *conf_lookup(const struct conf *conf, const char *name);

/* Is it given (a synonym counts), not only preset? False for what is no
 * setting. */
bool conf_is_given(const struct conf *conf, const char *name);

/* Is this word ("--state-dir") the flag of a setting? Each takes a value. */
bool conf_is_flag(const char *text);

/* Names of the settings that are given and count as secret, for log_redact():
 * calls fn for each. */
void conf_each_secret(const struct conf *conf,
                      void (*fn)(const char *name, const char *value,
                                 void *arg),
                      void *arg);

/* Made from the table: option list for --help, a sample crab.conf, and the
 * mdoc list for crab.conf(5). */
void conf_print_help(FILE *to);
void conf_print_sample(FILE *to);
void conf_print_mdoc(FILE *to);

/* Is plain HTTP allowed for this host (and port)? Rule of CRAB_ALLOW_HTTP:
 * "host" any port, "host:port" that one, "*" all. */
bool conf_http_allowed(const struct conf *conf, const char *host,
                       uint16_t port);
/* The same rule for any such list. NULL list: false. */
bool conf_host_listed(const char *list, const char *host, uint16_t port);

AUTO_DEFINE(struct conf, conf, conf_free)
#define auto_conf __attribute__((cleanup(auto_cleanup_conf)))

#endif
