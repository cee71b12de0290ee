/*
 * tests/fake/fake-cert.h: a fresh self-signed certificate for localhost and
 * 127.0.0.1, good for a day. Its PEM file is also the CA to trust.
 */
#ifndef TESTS_FAKE_FAKE_CERT_H
#define TESTS_FAKE_FAKE_CERT_H

struct fake_cert {
    char dir[64];
    char cert_file[96], key_file[96];
};

void fake_cert_make(struct fake_cert *c);
/* Remove the files. */
void fake_cert_clear(struct fake_cert *c);

#endif
