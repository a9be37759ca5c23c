/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/radix.h"
#include "base/text.h"
#include "io/library.h"

#define LIBRARY "libgnutls.so.30"

/* The functions in use, each with the type that its header gives it. */
#define FUNCTIONS(USE) \
	USE(certificate_allocate_credentials) \
	USE(certificate_free_credentials) \
	USE(certificate_set_x509_system_trust) \
	USE(certificate_set_x509_trust_file) \
	USE(certificate_verify_peers3) \
	USE(certificate_verification_status_print) \
	USE(certificate_type_get) \
	USE(init) \
	USE(deinit) \
	USE(set_default_priority) \
	USE(credentials_set) \
	USE(server_name_set) \
	USE(alpn_set_protocols) \
	USE(transport_set_int2) \
	USE(handshake) \
	USE(record_get_direction) \
	USE(record_send) \
	USE(record_recv) \
	USE(certificate_get_peers) \
	USE(x509_crt_init) \
	USE(x509_crt_import) \
	USE(x509_crt_deinit) \
	USE(pubkey_init) \
	USE(pubkey_import_x509) \
	USE(pubkey_export2) \
	USE(pubkey_deinit) \
	USE(fingerprint) \
	USE(strerror)

#define DECLARE(name) __typeof__(gnutls_##name) *name;

struct tls_lib {
	void *handle;
	gnutls_certificate_credentials_t credentials;
	FUNCTIONS(DECLARE);
};

struct tls {
	struct tls_lib *lib;
	gnutls_session_t session;
	bool is_verified;
	uint8_t pins[TLS_PINS][TLS_PIN_LEN];
	unsigned n_pins;
	char name[256];
};

#define FIND(symbol) \
	{ \
		void *found = library_find(lib->handle, "gnutls_" #symbol); \
		is_complete &= found != NULL; \
		memcpy(&lib->symbol, &found, sizeof(found)); \
	}

static bool find_functions(struct tls_lib *lib)
{
	bool is_complete = true;

	FUNCTIONS(FIND);
	return is_complete;
}

static int load_trust(struct tls_lib *lib, const char *ca_file, struct why *why)
{
	int n;

	if (lib->certificate_allocate_credentials(&lib->credentials) < 0)
		return why_set(why, E_MEM, "out of memory");
	if (!ca_file) {
		/* None is no failure yet: an unverified session needs none. */
		(void)lib->certificate_set_x509_system_trust(lib->credentials);
		return 0;
	}
	n = lib->certificate_set_x509_trust_file(lib->credentials, ca_file, GNUTLS_X509_FMT_PEM);
	if (n > 0)
		return 0;
	return why_set(why, E_NOENT, "no certificates can be read from '%.200s': %s", ca_file,
		       n < 0 ? lib->strerror(n) : "there are none in PEM form");
}

int tls_load(const char *ca_file, struct tls_lib **out, struct why *why)
{
	struct tls_lib *lib = calloc(1, sizeof(*lib));
	int err;

	if (!lib)
		return why_set(why, E_MEM, "out of memory");
	*out = lib;
	err = library_load(LIBRARY, "TLS", "libgnutls30", &lib->handle, why);
	if (!err && !find_functions(lib))
		err = why_set(why, E_UNSUP, "this " LIBRARY " lacks functions that TLS needs");
	return err ? err : load_trust(lib, ca_file, why);
}

void tls_unload(struct tls_lib *lib)
{
	if (!lib)
		return;
	if (lib->credentials)
		lib->certificate_free_credentials(lib->credentials);
	/* The library itself stays: it leaves things behind that its end would not find again. */
	free(lib);
}

static bool read_pin(const char *text, uint8_t *out)
{
	struct radix_reader reader = {.radix = RADIX_64};
	struct wr w = wr_make(out, TLS_PIN_LEN);

	return radix_read(&reader, text, strlen(text), &w) == 0 && radix_end(&reader) == 0 &&
	       wr_done(&w) == 0 && w.len == TLS_PIN_LEN;
}

bool tls_pin_is_valid(const char *text)
{
	uint8_t pin[TLS_PIN_LEN];

	return read_pin(text, pin);
}

int tls_start(struct tls_lib *lib, int fd, const struct tls_opts *o, struct tls **out,
	      struct why *why)
{
	struct tls *t = calloc(1, sizeof(*t));
	gnutls_datum_t alpn = {(unsigned char *)(uintptr_t)o->alpn, (unsigned)strlen(o->alpn)};

	if (!t || lib->init(&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
		free(t);
		return why_set(why, E_MEM, "out of memory");
	}
	t->lib = lib;
	t->is_verified = o->is_verified;
	while (t->n_pins < TLS_PINS && o->pins && o->pins[t->n_pins] &&
	       read_pin(o->pins[t->n_pins], t->pins[t->n_pins]))
		t->n_pins++;
	snprintf(t->name, sizeof(t->name), "%s", o->name);
	(void)lib->set_default_priority(t->session);
	(void)lib->credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, lib->credentials);
	/* RFC 6066 3: addresses are no server names. */
	if (!strchr(t->name, ':') && strspn(t->name, "0123456789.") != strlen(t->name))
		(void)lib->server_name_set(t->session, GNUTLS_NAME_DNS, t->name, strlen(t->name));
	(void)lib->alpn_set_protocols(t->session, &alpn, 1, 0);
	lib->transport_set_int2(t->session, fd, fd);
	*out = t;
	return 0;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	t->lib->deinit(t->session);
	free(t);
}

static int verify(struct tls *t, struct why *why)
{
	gnutls_datum_t text = {0};
	unsigned status = 0;
	int err = t->lib->certificate_verify_peers3(t->session, t->name, &status);

	if (err < 0)
		return why_set(why, E_PERM, "the certificate of %s cannot be checked: %s", t->name,
			       t->lib->strerror(err));
	if (!status)
		return 0;
	(void)t->lib->certificate_verification_status_print(
		status, t->lib->certificate_type_get(t->session), &text, 0);
	err = why_set(why, E_PERM, "the certificate is not to be trusted for %s: %s", t->name,
		      text.data ? (const char *)text.data : "no reason given");
	free(text.data); /* gnutls_free() is free() unless somebody replaced it */
	return err;
}

/* The SHA-256 of the public key in the peer's own certificate. Returns false if there is none. */
static bool peer_pin(const struct tls *t, uint8_t *out)
{
	const struct tls_lib *lib = t->lib;
	gnutls_x509_crt_t cert = NULL;
	gnutls_pubkey_t key = NULL;
	gnutls_datum_t der = {0};
	size_t len = TLS_PIN_LEN;
	unsigned n = 0;
	const gnutls_datum_t *chain = lib->certificate_get_peers(t->session, &n);
	bool is_known = n && lib->x509_crt_init(&cert) == 0 &&
			lib->x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
			lib->pubkey_init(&key) == 0 && lib->pubkey_import_x509(key, cert, 0) == 0 &&
			lib->pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) == 0 &&
			lib->fingerprint(GNUTLS_DIG_SHA256, &der, out, &len) == 0;

	free(der.data);
	if (key)
		lib->pubkey_deinit(key);
	if (cert)
		lib->x509_crt_deinit(cert);
	return is_known;
}

/* Whoever is in the middle may add any certificate to the chain: only the first is proved. */
static int check_pins(const struct tls *t, struct why *why)
{
	uint8_t pin[TLS_PIN_LEN];
	char text[2 * TLS_PIN_LEN];
	struct text shown = text_make(text, sizeof(text));

	if (!t->n_pins)
		return 0;
	if (!peer_pin(t, pin))
		return why_set(why, E_PERM, "the key of %s cannot be checked", t->name);
	for (unsigned i = 0; i < t->n_pins; i++)
		if (memcmp(pin, t->pins[i], sizeof(pin)) == 0)
			return 0;
	radix_add(&shown, RADIX_64, pin, sizeof(pin), 0, "");
	return why_set(why, E_PERM, "the key of %s has another pin: %s", t->name, text);
}

static int fail(const struct tls *t, int err, const char *what, struct why *why)
{
	int sys = err == GNUTLS_E_PUSH_ERROR || err == GNUTLS_E_PULL_ERROR ? errno : 0;

	(void)why_set(why, E_SYS, "%s: %s", what, t->lib->strerror(err));
	why->sys = sys;
	return E_SYS;
}

static bool is_again(int err)
{
	return err == GNUTLS_E_AGAIN || err == GNUTLS_E_INTERRUPTED;
}

int tls_handshake(struct tls *t, struct why *why)
{
	int err;

	do {
		err = t->lib->handshake(t->session);
		if (is_again(err))
			return E_AGAIN;
	} while (err == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if (err < 0)
		return fail(t, err, "TLS handshake", why);
	err = t->is_verified ? verify(t, why) : 0;
	return err ? err : check_pins(t, why);
}

bool tls_wants_write(const struct tls *t)
{
	return t->lib->record_get_direction(t->session) == 1;
}

int tls_send(struct tls *t, const void *bytes, size_t len, struct why *why)
{
	ssize_t n = t->lib->record_send(t->session, bytes, len);

	if (n >= 0)
		return (int)n;
	return is_again((int)n) ? 0 : fail(t, (int)n, "TLS", why);
}

int tls_recv(struct tls *t, void *out, size_t cap, struct why *why)
{
	ssize_t n = t->lib->record_recv(t->session, out, cap);

	if (n > 0)
		return (int)n;
	/* An end without goodbye is as common as one with. */
	if (n == 0 || n == GNUTLS_E_PREMATURE_TERMINATION)
		return E_EOF;
	return is_again((int)n) ? E_AGAIN : fail(t, (int)n, "TLS", why);
}
