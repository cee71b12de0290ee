/*
 * THE table of settings. A new setting is a row here and a member of struct
 * conf; reading, --help, the sample file and the manual follow.
 */
#include "base/conf/conf-private.h"

#include <string.h>

#include "base/str.h"

#define AT(member) offsetof(struct conf, member)

static const struct conf_row service_rows[] = {
    { .names = { "CRAB_ROLE" }, .flag = "role", .type = CONF_ROLES,
      .at = AT(roles), .preset = "client,agent", .value = "role,...",
      .doc = "What this process is: client (broker client), agent, server "
             "(broker server)." },
    { .names = { "CRAB_STATE_DIR" }, .flag = "state-dir", .type = CONF_TEXT,
      .at = AT(state_dir), .preset = CRAB_STATEDIR, .shown = "/var/lib/crab",
      .value = "directory",
      .doc = "Where jobs, callbacks that wait and layer records are kept. "
             "The crab command keeps records there only when this is set; "
             "without, it forgets them when it ends." },
    { .names = { "CRAB_WORKER" }, .flag = "worker", .type = CONF_TEXT,
      .at = AT(worker_path), .preset = CRAB_LIBEXECDIR "/crab-worker",
      .shown = "libexecdir/crab-worker", .value = "path",
      .doc = "The worker program." },
    { .names = { "CRAB_COMPAT" }, .type = CONF_BOOL, .at = AT(compat),
      .preset = "false", .value = "true|false",
      .doc = "Scan as the original does, its mistakes included." },
    { .names = { "LOG_LEVEL" }, .flag = "log-level", .type = CONF_LEVEL,
      .at = AT(log_level), .preset = "info", .value = "level",
      .doc = "trace, debug, info, warn, error or fatal." },
    { .names = { "CRAB_LOG_FORMAT" }, .flag = "log-format",
      .type = CONF_CHOICE, .at = AT(log_form), .choices = "auto json text",
      .preset = "auto", .value = "form",
      .doc = "json: one object a line. text: for people. auto: text on a "
             "terminal, else json." },
    { .names = { "CRAB_LISTEN" }, .flag = "listen", .type = CONF_TEXT,
      .at = AT(listen), .shown = "all addresses", .value = "address",
      .doc = "The address all listeners bind." },
    { .names = { "CRAB_DRAIN_TIMEOUT" }, .flag = "drain-timeout",
      .type = CONF_DURATION, .at = AT(drain_ms), .preset = "30s",
      .value = "duration",
      .doc = "How long running work may take after SIGTERM before it is put "
             "back for the next start." },
    { .names = { "CRAB_HOST_ID" }, .type = CONF_TEXT, .at = AT(host_id),
      .shown = "the host's name", .value = "text",
      .doc = "The name under which this process holds jobs." },
};

static const struct conf_row trust_rows[] = {
    { .names = { "NODE_EXTRA_CA_CERTS", "CA_CERT" }, .type = CONF_TEXT,
      .at = AT(ca_file), .value = "file",
      .doc = "PEM certificates to trust besides the system's, on every "
             "outgoing connection." },
    { .names = { "NODE_TLS_REJECT_UNAUTHORIZED" }, .type = CONF_ZERO,
      .at = AT(tls_insecure), .preset = "1", .value = "0|1",
      .doc = "0: certificates are not verified. Anybody on the way can then "
             "read and change everything." },
    { .names = { "HTTP_PROXY", "http_proxy" }, .type = CONF_PROXY,
      .at = AT(http_proxy), .value = "url",
      .doc = "Proxy for http URLs; for https URLs too when HTTPS_PROXY is "
             "not set." },
    { .names = { "HTTPS_PROXY", "https_proxy" }, .type = CONF_PROXY,
      .at = AT(https_proxy), .value = "url",
      .doc = "Proxy for https URLs; for http URLs too when HTTP_PROXY is not "
             "set." },
    { .names = { "NO_PROXY", "no_proxy" }, .type = CONF_TEXT,
      .at = AT(no_proxy), .value = "list",
      .doc = "Hosts, .suffixes and networks that are reached without a "
             "proxy; * is all." },
    { .names = { "HTTPS_CERT" }, .type = CONF_TEXT, .at = AT(https_cert),
      .value = "file",
      .doc = "PEM certificate chain; with HTTPS_KEY all listeners speak "
             "TLS." },
    { .names = { "HTTPS_KEY" }, .type = CONF_TEXT, .at = AT(https_key),
      .value = "file", .doc = "PEM key of HTTPS_CERT." },
    { .names = { "CRAB_ALLOW_HTTP" }, .flag = "allow-http", .type = CONF_HOSTS,
      .at = AT(allow_http), .value = "host[:port],...",
      .doc = "Hosts that may be spoken to without TLS; * is all. A host "
             "without a port stands for all its ports." },
};

static const struct conf_row agent_rows[] = {
    { .names = { "SNYK_PORT" }, .type = CONF_PORT, .at = AT(agent_port),
      .preset = "17500", .value = "port",
      .doc = "Port of the agent. 0: any free one." },
    { .names = { "SNYK_MAX_IMAGE_SIZE_IN_BYTES" }, .type = CONF_BYTES,
      .at = AT(max_image_bytes), .preset = "2GiB", .value = "size",
      .doc = "Largest image to scan: the sum of its layers as the registry "
             "stores them. 0: any." },
    { .names = { "MAX_ACTIVE_OPERATIONS" }, .flag = "max-active",
      .type = CONF_COUNT, .at = AT(max_active), .preset = "auto",
      .shown = "the CPUs this process may use", .min = 1, .max = 4096,
      .value = "count", .doc = "Worker processes at once." },
    { .names = { "CRAB_MAX_QUEUED_JOBS" }, .type = CONF_COUNT,
      .at = AT(max_queued), .preset = "1000", .min = 1, .max = 1000000,
      .value = "count",
      .doc = "Scans that may wait; beyond that the answer is 503." },
    { .names = { "SNYK_DISABLE_LIST_REPOS" }, .type = CONF_BOOL,
      .at = AT(disable_list_repos), .preset = "false", .value = "true|false",
      .doc = "The list of repositories is always empty, and the registry is "
             "not asked for it." },
    { .names = { "CRAB_CALLBACK_HOSTS" }, .type = CONF_HOSTS,
      .at = AT(callback_hosts), .shown = "that of BROKER_CLIENT_URL",
      .value = "host[:port],...",
      .doc = "Hosts to which results may be posted." },
    { .names = { "CRAB_REALM_HOSTS" }, .type = CONF_HOSTS,
      .at = AT(realm_hosts), .value = "host[:port],...",
      .doc = "More hosts to which a registry may send us for a token." },
    { .names = { "DOCKER_REGISTRY_V2_CLIENT_MAX_RETRIES" },
      .type = CONF_COUNT, .at = AT(registry_retries), .preset = "4",
      .max = 100, .value = "count",
      .doc = "How often a request to a registry is repeated when another try "
             "may help." },
    { .names = { "DOCKER_REGISTRY_V2_CLIENT_NEEDLE_OPEN_TIMEOUT" },
      .type = CONF_DURATION, .at = AT(registry_connect_ms), .preset = "10s",
      .min = 1, .value = "duration",
      .doc = "How long connecting to a registry may take." },
    { .names = { "CRAB_CALLBACK_GIVE_UP" }, .type = CONF_DURATION,
      .at = AT(callback_give_up_ms), .preset = "15m", .value = "duration",
      .doc = "How long a callback nobody accepts is repeated." },
    { .names = { "CRAB_LAYER_CACHE_SIZE" }, .type = CONF_BYTES,
      .at = AT(layer_cache_bytes), .preset = "1GiB", .value = "size",
      .doc = "Layer records to keep; those not used for longest go first. "
             "0: all." },
};

static const struct conf_row worker_rows[] = {
    { .names = { "CRAB_LAYER_PLAIN_LIMIT" }, .type = CONF_BYTES,
      .at = AT(layer_plain_limit_bytes), .preset = "64GiB", .value = "size",
      .doc = "Largest layer when uncompressed. 0: any." },
    { .names = { "CRAB_LAYER_RATIO_LIMIT" }, .type = CONF_NUMBER,
      .at = AT(layer_ratio_limit), .preset = "1100", .value = "number",
      .doc = "Uncompressed bytes for one compressed byte of a layer, after "
             "the first MiB; no gzip file reaches 1033. 0: any." },
    { .names = { "CRAB_LAYER_ENTRIES_LIMIT" }, .type = CONF_NUMBER,
      .at = AT(layer_entries_limit), .preset = "10000000",
      .value = "number", .doc = "Entries of one layer. 0: any number." },
    { .names = { "CRAB_PATH_LIMIT" }, .type = CONF_BYTES,
      .at = AT(path_limit_bytes), .preset = "4096", .value = "size",
      .doc = "Longest path in a layer. 0: any." },
    { .names = { "CRAB_PRODUCT_LIMIT" }, .type = CONF_BYTES,
      .at = AT(product_limit_bytes), .preset = "64MiB", .value = "size",
      .doc = "Largest file (a lockfile, a package list) that is taken into "
             "memory. 0: any." },
    { .names = { "CRAB_NESTING_LIMIT" }, .type = CONF_NUMBER,
      .at = AT(nesting_limit), .preset = "8", .value = "number",
      .doc = "Archives within archives. 0: none are opened." },
    { .names = { "CRAB_WORKER_MEMORY" }, .type = CONF_BYTES,
      .at = AT(worker_memory_bytes), .preset = "512MiB", .value = "size",
      .doc = "Memory of one worker. 0: any." },
    { .names = { "CRAB_WORKER_CPU" }, .type = CONF_SECONDS,
      .at = AT(worker_cpu_s), .preset = "3600", .value = "seconds",
      .doc = "CPU time of one worker. 0: any." },
    { .names = { "CRAB_WORKER_IDLE_TIMEOUT" }, .type = CONF_DURATION,
      .at = AT(worker_idle_ms), .preset = "2m", .value = "duration",
      .doc = "A worker that neither reads nor writes for so long is ended. "
             "0: never." },
};

static const struct conf_row client_rows[] = {
    { .names = { "BROKER_TOKEN" }, .type = CONF_SECRET, .at = AT(broker_token),
      .value = "token", .doc = "Identifies the connection. Required." },
    { .names = { "BROKER_SERVER_URL" }, .type = CONF_URL,
      .at = AT(broker_server_url), .value = "url",
      .doc = "The broker server. Required." },
    { .names = { "BROKER_CLIENT_URL" }, .type = CONF_URL,
      .at = AT(broker_client_url),
      .shown = "our own listener, when the agent runs in the same process",
      .value = "url", .doc = "Where the agent reaches the client." },
    { .names = { "PORT" }, .type = CONF_PORT, .at = AT(client_port),
      .preset = "7341", .value = "port",
      .doc = "Port of the client; of the server, when that is the only role. "
             "0: any free one." },
    { .names = { "ACCEPT" }, .type = CONF_TEXT, .at = AT(accept),
      .shown = "the rules of the agent's routes", .value = "file",
      .doc = "Rules of what may pass; the server's, when that is the only "
             "role." },
    { .names = { "CR_AGENT_URL" }, .type = CONF_URL, .at = AT(cr_agent_url),
      .masked = true,
      .shown = "our own listener, when the agent runs in the same process",
      .value = "url", .doc = "Where the client reaches the agent." },
    { .names = { "BROKER_HEALTHCHECK_PATH" }, .type = CONF_TEXT,
      .at = AT(healthcheck_path), .preset = "/healthcheck", .value = "path",
      .doc = "Where the client tells that it is connected." },
    { .names = { "BROKER_SYSTEMCHECK_PATH" }, .type = CONF_TEXT,
      .at = AT(systemcheck_path), .preset = "/systemcheck", .value = "path",
      .doc = "Where the client tells that the credentials work." },
    { .names = { "BROKER_CLIENT_VALIDATION_URL" }, .type = CONF_URL,
      .at = AT(validation_url), .value = "url",
      .doc = "What the system check asks, such as the agent's "
             "/systemcheck." },
    { .names = { "BROKER_CLIENT_VALIDATION_METHOD" }, .type = CONF_TEXT,
      .at = AT(validation_method), .preset = "GET", .value = "method",
      .doc = "With which method." },
    { .names = { "BROKER_CLIENT_VALIDATION_TIMEOUT_MS" },
      .type = CONF_DURATION, .at = AT(validation_timeout_ms),
      .preset = "5000", .value = "duration",
      .doc = "How long that may take." },
    { .names = { "BROKER_CLIENT_VALIDATION_AUTHORIZATION_HEADER_POOL",
                 "BROKER_CLIENT_VALIDATION_AUTHORIZATION_HEADER" },
      .type = CONF_SECRET, .at = AT(validation_authorization),
      .shown = "CR_CREDENTIALS", .value = "text",
      .doc = "The Authorization header of the system check; several "
             "separated by commas under the name with _POOL." },
    { .names = { "BROKER_CLIENT_VALIDATION_BASIC_AUTH_POOL",
                 "BROKER_CLIENT_VALIDATION_BASIC_AUTH" },
      .type = CONF_SECRET, .at = AT(validation_basic),
      .value = "user:password",
      .doc = "Basic credentials for the system check; several separated by "
             "commas under the name with _POOL." },
    { .names = { "BROKER_VERSION" }, .type = CONF_TEXT,
      .at = AT(broker_version), .preset = "5.22.14", .value = "version",
      .doc = "The version the client presents to the server." },
    { .names = { "SOCKET_PING_INTERVAL" }, .type = CONF_DURATION,
      .at = AT(ping_interval_ms), .preset = "25000", .min = 1,
      .value = "duration", .doc = "Time between pings of the tunnel." },
    { .names = { "SOCKET_PONG_TIMEOUT" }, .type = CONF_DURATION,
      .at = AT(pong_timeout_ms), .preset = "10000", .min = 1,
      .value = "duration", .doc = "How long an answer to one may take." },
    { .names = { "SOCKET_CONNECT_TIMEOUT" }, .type = CONF_DURATION,
      .at = AT(socket_connect_ms), .preset = "10000", .min = 1,
      .value = "duration", .doc = "How long opening the tunnel may take." },
    { .names = { "SOCKET_MAX_RESPONSE_LENGTH" }, .type = CONF_BYTES,
      .at = AT(max_ack_bytes), .preset = "20971520", .min = 1,
      .value = "size", .doc = "Largest answer inside the tunnel itself." },
    { .names = { "BROKER_CLIENT_POST_TIMEOUT" }, .type = CONF_DURATION,
      .at = AT(post_idle_ms), .preset = "1200000", .value = "duration",
      .doc = "How long posting an answer to the server may stand still." },
    { .names = { "BROKER_WEBSERVER_REQUEST_TIMEOUT" }, .type = CONF_DURATION,
      .at = AT(client_request_ms), .preset = "600000", .value = "duration",
      .doc = "How long a request to the client may take to arrive." },
    { .names = { "REMOVE_X_FORWARDED_HEADERS" }, .type = CONF_BOOL,
      .at = AT(remove_x_forwarded), .preset = "false", .value = "true|false",
      .doc = "Drop every X-Forwarded- header of relayed requests." },
    { .names = { "DISABLE_BODY_VARS_SUBSTITUTION" }, .type = CONF_BOOL,
      .at = AT(no_body_vars), .preset = "false", .value = "true|false",
      .doc = "Do not put settings into bodies that ask for it." },
    { .names = { "DISABLE_HEADER_VARS_SUBSTITUTION" }, .type = CONF_BOOL,
      .at = AT(no_header_vars), .preset = "false", .value = "true|false",
      .doc = "Do not put settings into headers that ask for it." },
};

static const struct conf_row login_rows[] = {
    { .names = { "CR_TYPE" }, .type = CONF_TEXT, .at = AT(cr_type),
      .value = "type",
      .doc = "artifactory-cr, harbor-cr, acr, gcr, ecr, google-artifact-cr, "
             "docker-hub, quay-cr, nexus-cr, github-cr, digitalocean-cr, "
             "gitlab-cr, or generic." },
    { .names = { "CR_BASE" }, .type = CONF_TEXT, .at = AT(cr_base),
      .masked = true, .value = "host[:port][/path]",
      .doc = "The registry, without a scheme." },
    { .names = { "CR_USERNAME" }, .type = CONF_TEXT, .at = AT(cr_username),
      .masked = true, .may_be_file = true, .value = "text",
      .doc = "The user." },
    { .names = { "CR_PASSWORD" }, .type = CONF_SECRET, .at = AT(cr_password),
      .value = "text", .doc = "The password." },
    { .names = { "CR_TOKEN" }, .type = CONF_SECRET, .at = AT(cr_token),
      .value = "text", .doc = "The token; digitalocean-cr only." },
    { .names = { "CR_ROLE_ARN" }, .type = CONF_TEXT, .at = AT(cr_role_arn),
      .masked = true, .value = "arn", .doc = "The role; ecr only." },
    { .names = { "CR_REGION" }, .type = CONF_TEXT, .at = AT(cr_region),
      .masked = true, .value = "region", .doc = "The region; ecr only." },
    { .names = { "CR_EXTERNAL_ID" }, .type = CONF_TEXT,
      .at = AT(cr_external_id), .masked = true, .value = "id",
      .doc = "The external id that the role asks for; ecr only." },
    { .names = { "CR_CREDENTIALS" }, .type = CONF_SECRET,
      .at = AT(cr_credentials), .value = "base64",
      .doc = "All of these in one document; it wins over the others." },
};

static const struct conf_row server_rows[] = {
    { .names = { "CRAB_SERVER_PORT" }, .type = CONF_PORT,
      .at = AT(server_port), .preset = "7342", .value = "port",
      .doc = "Port of the server. 0: any free one." },
    { .names = { "CRAB_SERVER_ACCEPT" }, .type = CONF_TEXT,
      .at = AT(server_accept), .value = "file",
      .doc = "Rules of what may pass through the server." },
    { .names = { "CRAB_SERVER_RESPONSE_TIMEOUT" }, .type = CONF_DURATION,
      .at = AT(server_response_ms), .preset = "0", .value = "duration",
      .doc = "How long the server waits for a client's answer. 0: for "
             "ever." },
    { .names = { "CRAB_INBOX_LIMIT" }, .type = CONF_BYTES,
      .at = AT(inbox_limit_bytes), .preset = "1GiB", .value = "size",
      .doc = "Results that the server keeps; the oldest go first. 0: all." },
};

#define GROUP(name, list) { .title = name, .rows = list, \
                            .n_rows = N_ELEMENTS(list) }

const struct conf_group conf_groups[] = {
    GROUP("Service", service_rows),
    GROUP("Trust and proxies", trust_rows),
    GROUP("Agent", agent_rows),
    GROUP("Ceilings of the workers", worker_rows),
    GROUP("Registry", login_rows),
    GROUP("Broker client", client_rows),
    GROUP("Broker server", server_rows),
};
const size_t conf_n_groups = N_ELEMENTS(conf_groups);

const struct conf_row *
conf_row_next(size_t *at)
{
    size_t i = (*at)++;

    for (size_t g = 0; g < conf_n_groups; g++) {
        if (i < conf_groups[g].n_rows)
            return &conf_groups[g].rows[i];
        i -= conf_groups[g].n_rows;
    }
    return NULL;
}

const struct conf_row *
conf_row_named(struct bytes name)
{
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        for (size_t i = 0; i < CONF_MAX_NAMES && row->names[i] != NULL; i++) {
            if (bytes_is(name, row->names[i]))
                return row;
        }
    }
    return NULL;
}

const struct conf_row *
conf_row_flagged(const char *flag)
{
    const struct conf_row *row;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        if (row->flag != NULL && strcmp(row->flag, flag) == 0)
            return row;
    }
    return NULL;
}

bool
conf_row_takes_file(const struct conf_row *row)
{
    return row->type == CONF_SECRET || row->may_be_file;
}
