#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/queue.h"
#include "base/thread.h"
#include "imap/net.h"
#include "imap/session_impl.h"
#include "support/play.h"

void play_init(struct play *p)
{
	*p = (struct play){0};
	p->stop = stop_new();
	p->worker = (struct worker){
		.queue = queue_new(),
		.stop = p->stop,
		.thread = "test",
		.account = "test",
		.folder = "",
	};
	p->options = (struct session_options){
		.host = "imap.example.org",
		.port = "143",
		.security = SECURITY_NONE,
		.ipv6 = -1,
		.timeout_ms = 20000,
		.repository = "Remote",
	};
}

void play_text(struct play *p, const char *script, SSL_CTX *tls)
{
	p->server = fake_server_start(script, tls);
	p->session = session_open_net(
		net_take(fake_server_take_fd(p->server)), &p->options,
		&p->worker, &p->err);
}

void play_file(struct play *p, const char *name, SSL_CTX *tls)
{
	char *script = fake_server_script(name);

	play_text(p, script, tls);
	free(script);
}

bool play_login(struct play *p, const char *const *mechanisms)
{
	struct session_login login = {
		.user = "user",
		.password = "secret",
		.mechanisms = mechanisms,
	};

	return session_login(p->session, &login, &p->err);
}

void play_known(struct play *p, const char *name)
{
	play_init(p);
	p->options.tunnel = "a tunnel that is not started";
	p->options.preauth = true;
	play_file(p, name, NULL);
	ck_assert_msg(p->session != NULL, "%s: %s", name, p->err.text);
}

void play_end(struct play *p)
{
	char *why;

	session_close(p->session);
	why = fake_server_end(p->server);
	ck_assert_msg(why == NULL, "%s", why);
	free(why);
	queue_free(p->worker.queue);
	stop_free(p->stop);
}

size_t play_count(struct play *p, enum event_kind kind, const char *part)
{
	struct event *ev;
	size_t n = 0;

	while ((ev = queue_get(p->worker.queue))) {
		n += ev->kind == kind && (kind != EVENT_LOG ||
			strstr(ev->u.log.text, part));
		event_free(ev);
	}
	return n;
}
