/* Memory that does not fail. */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "base/str.h"

Test(str, an_array_that_grows_by_one_keeps_what_it_has)
{
    const size_t n = 1000;
    size_t *array = NULL;

    for (size_t i = 0; i < n; i++) {
        array = xgrown(array, i, sizeof(*array));
        array[i] = i;
    }
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(array[i], i);
    free(array);
}
