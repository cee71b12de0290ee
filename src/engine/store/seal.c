/* AES-256-GCM with a key from a file. Which texts are sealed is job.c's. */
#include "engine/store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/log.h"
#include "base/str.h"

enum { SEAL_VERSION = 1, KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16 };
enum { OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES };

struct seal {
    uint8_t key[KEY_BYTES];
};

AUTO_DEFINE(EVP_CIPHER_CTX, cipher, EVP_CIPHER_CTX_free)
#define auto_cipher __attribute__((cleanup(auto_cleanup_cipher)))

static int
random_bytes(uint8_t *p, size_t n, struct err *err)
{
    if (RAND_bytes(p, (int)n) != 1)
        return err_set(err, ERR_INTERNAL, "no random numbers to be had");
    return 0;
}

int
seal_random(struct seal **out, struct err *err)
{
    auto_seal struct seal *seal = xnew(struct seal);

    if (random_bytes(seal->key, KEY_BYTES, err) < 0)
        return -1;
    *out = steal(seal);
    return 0;
}

void
seal_free(struct seal *seal)
{
    if (seal == NULL)
        return;
    wipe(seal->key, sizeof(seal->key));
    free(seal);
}

static void
make_private(int fd, const char *path)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || (st.st_mode & 077) == 0)
        return;
    if (fchmod(fd, 0600) == 0)
        log_warn("key file was readable by others", LOG_STR("path", path));
    else
        log_warn("key file is readable by others", LOG_STR("path", path));
}

static int
read_key(struct seal *seal, int fd, const char *path, struct err *err)
{
    uint8_t bytes[KEY_BYTES + 1];
    ssize_t n;

    make_private(fd, path);
    n = read(fd, bytes, sizeof(bytes));
    if (n < 0)
        return err_set_errno(err, errno, "key file %s", path);
    if (n == KEY_BYTES)
        memcpy(seal->key, bytes, KEY_BYTES);
    wipe(bytes, sizeof(bytes));
    if (n != KEY_BYTES)
        return err_set(err, ERR_IO,
                       "key file %s: not a key of %d bytes. Restore it; or "
                       "remove it to make a new one, and the waiting scans "
                       "will fail",
                       path, KEY_BYTES);
    return 0;
}

static int
sync_parent(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    size_t n_dir = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    auto_free char *dir = n_dir > 0 ? xstrndup(path, n_dir) : xstrdup(".");
    auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return err_set_errno(err, errno, "directory %s", dir);
    return 0;
}

/* Beside its place first: a key file is whole or not there. */
static int
make_key(struct seal **out, const char *path, struct err *err)
{
    auto_seal struct seal *seal = NULL;
    auto_free char *fresh = xasprintf("%s.new", path);
    auto_fd int fd =
        open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (seal_random(&seal, err) < 0)
        return -1;
    if (fd < 0 || write(fd, seal->key, KEY_BYTES) != KEY_BYTES ||
        fsync(fd) < 0 || rename(fresh, path) < 0)
        return err_set_errno(err, errno, "key file %s", path);
    if (sync_parent(path, err) < 0)
        return -1;
    *out = steal(seal);
    return 0;
}

int
seal_load(struct seal **out, const char *path, struct err *err)
{
    auto_seal struct seal *seal = xnew(struct seal);
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 && errno == ENOENT)
        return make_key(out, path, err);
    if (fd < 0)
        return err_set_errno(err, errno, "key file %s", path);
    if (read_key(seal, fd, path, err) < 0)
        return -1;
    *out = steal(seal);
    return 0;
}

static int
encrypt(const struct seal *seal, const char *name, struct bytes text,
        uint8_t *to)
{
    auto_cipher EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *nonce = to + 1, *body = nonce + NONCE_BYTES;
    int n, rest;

    to[0] = SEAL_VERSION;
    if (ctx == NULL ||
        EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->key, nonce) !=
            1 ||
        EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *)name,
                          (int)strlen(name)) != 1 ||
        EVP_EncryptUpdate(ctx, body, &n, text.p, (int)text.n) != 1 ||
        EVP_EncryptFinal_ex(ctx, body + n, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                            body + text.n) != 1)
        return -1;
    return 0;
}

int
seal_close(const struct seal *seal, const char *name,
           const struct secret *text, struct buf *out, struct err *err)
{
    struct bytes plain = bytes_str(secret_reveal(text));
    uint8_t *to;

    if (plain.n > SEAL_LIMIT_BYTES)
        return err_set(err, ERR_LIMIT, "credentials: more than %u bytes",
                       SEAL_LIMIT_BYTES);
    to = buf_room(out, plain.n + OVERHEAD_BYTES);
    if (to == NULL)
        return buf_check(out, "sealed credentials", err);
    if (random_bytes(to + 1, NONCE_BYTES, err) < 0)
        return -1;
    if (encrypt(seal, name, plain, to) < 0)
        return err_set(err, ERR_INTERNAL, "credentials cannot be sealed");
    out->n += plain.n + OVERHEAD_BYTES;
    return 0;
}

static int
decrypt(const struct seal *seal, const char *name, struct bytes sealed,
        uint8_t *to)
{
    auto_cipher EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t n_text = sealed.n - OVERHEAD_BYTES;
    const uint8_t *nonce = sealed.p + 1, *body = nonce + NONCE_BYTES;
    uint8_t tag[TAG_BYTES];
    int n, rest;

    memcpy(tag, body + n_text, TAG_BYTES);
    if (ctx == NULL ||
        EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, seal->key, nonce) !=
            1 ||
        EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)name,
                          (int)strlen(name)) != 1 ||
        EVP_DecryptUpdate(ctx, to, &n, body, (int)n_text) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) != 1 ||
        EVP_DecryptFinal_ex(ctx, to + n, &rest) != 1)
        return -1;
    return 0;
}

int
seal_open(const struct seal *seal, const char *name, struct bytes sealed,
          struct secret **out, struct err *err)
{
    uint8_t *plain;
    int rc;

    if (sealed.n < OVERHEAD_BYTES || sealed.p[0] != SEAL_VERSION ||
        sealed.n > SEAL_LIMIT_BYTES + OVERHEAD_BYTES)
        return err_set_code(err, ERR_AUTH, "CREDENTIALS_SEALED",
                            "the stored credentials are damaged");
    plain = xalloc(sealed.n);
    rc = decrypt(seal, name, sealed, plain);
    if (rc < 0)
        err_set_code(err, ERR_AUTH, "CREDENTIALS_SEALED",
                     "the stored credentials cannot be opened: seal.key is "
                     "not the key that sealed them");
    else
        *out = secret_new_bytes(bytes_of(plain, sealed.n - OVERHEAD_BYTES));
    wipe(plain, sealed.n);
    free(plain);
    return rc;
}
