/* worker/image/npmlock.h: places and flags in record data of kind `npmlock`
 * (docs/internals/records.md), for who writes and who reads it. */
#ifndef WORKER_IMAGE_NPMLOCK_H
#define WORKER_IMAGE_NPMLOCK_H

/* One of "packages" (versions 2 and 3). */
enum npm_package {
    NPM_PATH, NPM_FLAGS, NPM_VERSION, NPM_NAME, NPM_DEPENDENCIES,
    NPM_OPTIONAL, NPM_BUNDLE, NPM_RESOLVED, NPM_LICENCE, NPM_PACKAGE_PARTS
};

/* One of "entries" (version 1). */
enum npm_entry {
    NPM1_PARENT, NPM1_FLAGS, NPM1_NAME, NPM1_VERSION, NPM1_REQUIRES,
    NPM1_ENTRY_PARTS
};

enum { NPM_DEV = 1, NPM_IN_BUNDLE = 2, NPM_LINK = 4, NPM_IS_OPTIONAL = 8 };

#endif
