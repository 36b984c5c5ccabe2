/*
 * A server that plays a script in a thread of its own and compares what the
 * client sends byte by byte.  For tests of the layers above the socket.
 *
 *	server = fake_server_start(script, NULL);
 *	net_take(fake_server_take_fd(server)) ...
 *	why = fake_server_end(server);   NULL: everything was as written
 *
 * One step a line; lines in a row that are sent go out in one write:
 *
 *	# comment            and empty lines: nothing
 *	S: text              sends text CRLF
 *	S- text              sends text alone
 *	C: text              the client has to send text CRLF
 *	C- text              ... text alone
 *	C? pattern           ... one line that the shell pattern matches
 *	TLS                  a TLS handshake, as the server
 *	TLS?                 the same, but it may fail
 *	CLOSE                closes the connection
 *	CUT                  the same without TLS's goodbye
 *	GONE                 the client has to close it
 *	ACCEPT               the next connection (listening servers only)
 *
 * text knows \r \n \t \\ \xHH.  At the end the client may say LOGOUT, which
 * is answered, and has to close the connection.
 */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include <openssl/ssl.h>

struct fake_server;

/* On one end of a socket pair.  tls: for the TLS steps; borrowed. */
struct fake_server *fake_server_start(const char *script, SSL_CTX *tls);
/* The other end, once; the caller's then. */
int fake_server_take_fd(struct fake_server *server);
/* On a port of 127.0.0.1. */
struct fake_server *fake_server_listen(const char *script, SSL_CTX *tls);
const char *fake_server_port(const struct fake_server *server);
/* Waits for the thread, frees.  malloc'd: what differed from the script. */
char *fake_server_end(struct fake_server *server);
/* The text of tests/imap/NAME.txt, malloc'd. */
char *fake_server_script(const char *name);

#endif
