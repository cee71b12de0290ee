/* Chunks: size line, data, size line, ..., trailers. */
#include "engine/net/chunked.h"

#define EXTRA_BYTES (64 * 1024)

enum state {
    SIZE,      /* hex digits */
    EXTENSION, /* behind them, up to CR */
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER, /* a line, perhaps empty */
    TRAILER_LF
};

void
chunked_init(struct chunked *c)
{
    *c = (struct chunked){ .state = SIZE };
}

static int
digit_of(uint8_t ch)
{
    if (ch >= '0' && ch <= '9')
        return ch - '0';
    ch |= 0x20;
    return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* Fifteen digits are more than anybody sends and less than overflows. */
static int
take_size(struct chunked *c, uint8_t ch, struct err *err)
{
    int digit = digit_of(ch);

    if (digit >= 0 && c->n_digits < 15) {
        c->n_digits++;
        c->left_bytes = c->left_bytes * 16 + (uint64_t)digit;
        return 0;
    }
    if (c->n_digits == 0 || (ch != '\r' && ch != ';'))
        return err_set(err, ERR_INPUT, "chunk size");
    c->state = ch == '\r' ? SIZE_LF : EXTENSION;
    return 0;
}

static int
take_extra(struct chunked *c, uint8_t ch, struct err *err)
{
    if (++c->extra_bytes > EXTRA_BYTES)
        return err_set(err, ERR_LIMIT, "chunk extensions or trailers");
    if (ch == '\n' || ch == '\0')
        return err_set(err, ERR_INPUT, "chunk extension or trailer");
    if (ch == '\r')
        c->state = c->state == EXTENSION ? SIZE_LF : TRAILER_LF;
    else
        c->line_bytes++;
    return 0;
}

static int
expect(struct chunked *c, uint8_t ch, uint8_t want, enum state next,
       struct err *err)
{
    if (ch != want)
        return err_set(err, ERR_INPUT, "the end of a chunk");
    c->state = next;
    return 0;
}

/* What a line feed completes. *end: it was the last one of all. */
static int
take_lf(struct chunked *c, uint8_t ch, bool *end, struct err *err)
{
    enum state was = c->state;

    if (expect(c, ch, '\n', was == DATA_LF ? SIZE : TRAILER, err) < 0)
        return -1;
    if (was == SIZE_LF && c->left_bytes > 0)
        c->state = DATA;
    *end = was == TRAILER_LF && c->line_bytes == 0;
    c->n_digits = 0;
    c->line_bytes = 0;
    return 0;
}

static int
take(struct chunked *c, uint8_t ch, bool *end, struct err *err)
{
    switch ((enum state)c->state) {
    case SIZE:
        return take_size(c, ch, err);
    case EXTENSION:
    case TRAILER:
        return take_extra(c, ch, err);
    case DATA_CR:
        return expect(c, ch, '\r', DATA_LF, err);
    default:
        return take_lf(c, ch, end, err);
    }
}

enum chunked_event
chunked_step(struct chunked *c, struct bytes *in, struct bytes *body,
             struct err *err)
{
    bool end = false;

    while (in->n > 0) {
        if (c->state == DATA) {
            *body = c->left_bytes < in->n ? bytes_to(*in, (size_t)c->left_bytes)
                                          : *in;
            *in = bytes_from(*in, body->n);
            c->left_bytes -= body->n;
            if (c->left_bytes == 0)
                c->state = DATA_CR;
            return CHUNKED_BODY;
        }
        if (take(c, in->p[0], &end, err) < 0)
            return CHUNKED_ERROR;
        *in = bytes_from(*in, 1);
        if (end)
            return CHUNKED_END;
    }
    return CHUNKED_MORE;
}
