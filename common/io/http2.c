/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/http2.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct http2 {
	nghttp2_session *session;
	struct http2_request request;
	size_t body_sent;
	char length[24];
	int status;
	bool is_done, is_typed, is_full;
	uint8_t *body;
	size_t body_len;
};

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *buf, size_t cap,
			 uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct http2 *h = source->ptr;
	size_t left = h->request.len - h->body_sent, n = left < cap ? left : cap;

	(void)session;
	(void)stream;
	(void)arg;
	memcpy(buf, h->request.body + h->body_sent, n);
	h->body_sent += n;
	if (h->body_sent == h->request.len)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
		     void *arg)
{
	struct http2 *h = arg;
	char status[8];

	(void)session;
	(void)frame;
	(void)flags;
	if (name_len == 7 && memcmp(name, ":status", 7) == 0 && value_len < sizeof(status)) {
		memcpy(status, value, value_len);
		status[value_len] = '\0';
		h->status = atoi(status);
	}
	if (name_len == 12 && memcmp(name, "content-type", 12) == 0)
		h->is_typed = value_len >= strlen(h->request.type) &&
			      memcmp(value, h->request.type, strlen(h->request.type)) == 0;
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes,
		   size_t len, void *arg)
{
	struct http2 *h = arg;

	(void)session;
	(void)flags;
	(void)stream;
	if (len > h->request.response_max - h->body_len) {
		h->is_full = true;
		return 0;
	}
	memcpy(h->body + h->body_len, bytes, len);
	h->body_len += len;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t code, void *arg)
{
	(void)session;
	(void)stream;
	(void)code;
	((struct http2 *)arg)->is_done = true;
	return 0;
}

static nghttp2_nv header(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
			    strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static int submit(struct http2 *h)
{
	const struct http2_request *r = &h->request;
	const nghttp2_nv headers[] = {
		header(":method", "POST"),           header(":scheme", "https"),
		header(":authority", r->authority),  header(":path", r->path),
		header("accept", r->type),           header("content-type", r->type),
		header("content-length", h->length),
	};
	nghttp2_data_provider body = {.source.ptr = h, .read_callback = read_body};

	if (nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, NULL, 0) < 0)
		return E_MEM;
	return nghttp2_submit_request(h->session, NULL, headers,
				      sizeof(headers) / sizeof(headers[0]), &body, NULL) < 0 ?
		       E_MEM :
		       0;
}

int http2_post(const struct http2_request *request, struct http2 **out)
{
	struct http2 *h = calloc(1, sizeof(*h));
	nghttp2_session_callbacks *callbacks = NULL;
	int err;

	*out = h;
	if (!h || nghttp2_session_callbacks_new(&callbacks) < 0)
		return E_MEM;
	h->request = *request;
	h->body = malloc(request->response_max);
	snprintf(h->length, sizeof(h->length), "%zu", request->len);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	err = h->body ? nghttp2_session_client_new(&h->session, callbacks, h) : E_MEM;
	nghttp2_session_callbacks_del(callbacks);
	return err ? E_MEM : submit(h);
}

void http2_free(struct http2 *h)
{
	if (!h)
		return;
	nghttp2_session_del(h->session);
	free(h->body);
	free(h);
}

int http2_output(struct http2 *h, const uint8_t **bytes)
{
	ssize_t n = nghttp2_session_mem_send(h->session, bytes);

	return n < 0 ? E_BAD : (int)n;
}

int http2_input(struct http2 *h, const void *bytes, size_t len)
{
	ssize_t n = nghttp2_session_mem_recv(h->session, bytes, len);

	return n < 0 || (size_t)n != len ? E_BAD : 0;
}

bool http2_is_done(const struct http2 *h)
{
	return h->is_done;
}

int http2_response(const struct http2 *h, const uint8_t **body, size_t *len)
{
	*body = h->body;
	*len = h->body_len;
	if (h->status == 200 && !h->is_typed)
		return E_UNSUP;
	return h->is_full ? E_FULL : h->status;
}
