/* cli/version.h: what --version says, the cage of the workers included. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

/* "<program> 0.1.0", and what crab-worker says of its cage. */
void version_print(const char *program);

#endif
