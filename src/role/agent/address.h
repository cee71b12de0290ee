/*
 * role/agent/address.h: where callbacks may go.
 *
 * Callback addresses come from outside, and we stand inside: only hosts the
 * operator allows are called (agent-api.md §4.10).
 */
#ifndef ROLE_AGENT_ADDRESS_H
#define ROLE_AGENT_ADDRESS_H

#include "base/conf/conf.h"
#include "base/err.h"

/*
 * http or https, no user-info, at most 2048 bytes, and a host of
 * CRAB_CALLBACK_HOSTS; without that setting the host of BROKER_CLIENT_URL;
 * without that any, except link-local addresses. BROKER_CLIENT_URL's own host
 * is always allowed. ERR_INPUT, code CALLBACK_REFUSED when the host is not.
 */
int address_check(const struct conf *conf, const char *url, struct err *err);

#endif
