/* tests/unit/engine.h: what tests with a loop share. */
#ifndef TESTS_UNIT_ENGINE_H
#define TESTS_UNIT_ENGINE_H

#include <criterion/criterion.h>

#include "engine/loop/loop.h"

/* Turn the loop until `cond` holds. Criterion's timeout ends a test that
 * never gets there. */
#define turn_until(loop, cond) \
    while (!(cond)) \
        loop_turn(loop)

#endif
