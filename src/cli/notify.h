/* cli/notify.h: sd_notify(3)'s protocol, without the library. */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

/* Sends `state` ("READY=1") to $NOTIFY_SOCKET; nothing without one. */
void notify_service_manager(const char *state);

#endif
