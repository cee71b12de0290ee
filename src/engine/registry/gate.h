/*
 * engine/registry/gate.h: at most so many requests at once per registry host;
 * half as many for a minute after it asked us to slow down.
 */
#ifndef ENGINE_REGISTRY_GATE_H
#define ENGINE_REGISTRY_GATE_H

#include "base/list.h"
#include "engine/loop/loop.h"

#define GATE_WIDTH 8

struct gates;
struct gate;

/* A place in line, or inside; embedded in who waits. */
struct gate_ticket {
    struct link link;
    struct gate *gate; /* borrows while it holds a place */
    bool inside;
    void (*fn)(void *arg);
    void *arg;
};

struct gates *gates_new(struct loop *loop);
void gates_free(struct gates *g);

/* fn(arg) once there is room, never from within. */
void gate_enter(struct gates *g, const char *host, struct gate_ticket *t,
                void (*fn)(void *arg), void *arg);
/* Leave the inside or the line; nothing happens when it is in neither. */
void gate_leave(struct gates *g, struct gate_ticket *t);
/* The host said 429. */
void gate_slow_down(struct gates *g, const char *host);

#endif
