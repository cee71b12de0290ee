/* worker/analyze/rpm-sqlite.h: what SQLite must do before the cage closes. */
#ifndef WORKER_ANALYZE_RPM_SQLITE_H
#define WORKER_ANALYZE_RPM_SQLITE_H

/* Sets its ceiling of memory and lets it ask the system what it wants to
 * know; it opens nothing later. Once, before any database is read. */
void rpm_sqlite_warm_up(void);

#endif
