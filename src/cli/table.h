/* cli/table.h: scan results for people. Pure. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct table;

struct table *table_new(void);
void table_free(struct table *t);
/* One scan result, compact JSON, the operating system's first. */
int table_add(struct table *t, struct bytes json, struct err *err);
/* The whole, appended: what the image is, then packages by ecosystem. */
int table_write(const struct table *t, struct buf *out);

#endif
