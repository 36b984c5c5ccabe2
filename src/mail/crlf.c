#include "config.h"

#include <string.h>

#include "mail/crlf.h"

size_t crlf_in(struct crlf_in *c, struct span in, char *out)
{
	char *to = out;

	if (in.len > 0 && c->cr && in.data[0] != '\n')
		*to++ = '\r';
	if (in.len > 0)
		c->cr = false;
	while (in.len > 0) {
		const char *cr = memchr(in.data, '\r', in.len);
		size_t run = cr ? (size_t)(cr - in.data) : in.len;

		memcpy(to, in.data, run);
		to += run;
		in.data += run;
		in.len -= run;
		if (in.len == 1)
			c->cr = true;
		else if (in.len > 1 && in.data[1] != '\n')
			*to++ = '\r';
		if (in.len > 0) {
			in.data++;
			in.len--;
		}
	}
	return (size_t)(to - out);
}

size_t crlf_in_end(struct crlf_in *c, char *out)
{
	size_t len = c->cr;

	if (c->cr)
		*out = '\r';
	c->cr = false;
	return len;
}

void crlf_count(struct crlf_count *c, struct span in)
{
	const char *start = in.data, *end = in.data + in.len;
	const char *at = start;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		c->lf++;
		c->crlf += at > start ? at[-1] == '\r' : c->cr;
		at++;
	}
	if (in.len > 0)
		c->cr = end[-1] == '\r';
}

size_t crlf_out(struct crlf_out *c, struct span *in, char *out, size_t cap)
{
	size_t len = 0;

	while (len < cap && (c->lf || in->len > 0)) {
		size_t room = cap - len;
		size_t run = in->len < room ? in->len : room;
		const char *lf;

		if (c->lf) {
			out[len++] = '\n';
			c->lf = false;
			continue;
		}
		lf = memchr(in->data, '\n', run);
		if (lf)
			run = (size_t)(lf - in->data);
		memcpy(out + len, in->data, run);
		len += run;
		in->data += run + (lf != NULL);
		in->len -= run + (lf != NULL);
		if (lf)
			out[len++] = '\r';
		c->lf = lf != NULL;
	}
	return len;
}
