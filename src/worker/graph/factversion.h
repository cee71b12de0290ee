/*
 * worker/graph/factversion.h: the form our facts have.
 *
 * Consumers read fact `pluginVersion` to know it: we report the version of
 * the peer whose facts ours are interchangeable with, in both modes.
 */
#ifndef WORKER_GRAPH_FACTVERSION_H
#define WORKER_GRAPH_FACTVERSION_H

#define FACT_VERSION "9.20.2"

#endif
