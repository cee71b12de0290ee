/*
 * base/analyzer.h: the version of what workers make of a layer. The worker
 * writes it into each record, the engine keeps records by it.
 */
#ifndef BASE_ANALYZER_H
#define BASE_ANALYZER_H

/* Raised whenever a record would come out different for the same bytes. */
#define ANALYZER_VERSION "2"

#endif
