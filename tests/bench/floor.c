/*
 * The floor of the benchmark: what a first synchronisation costs at least.
 *
 *	bench_floor fetch PORT CA USER	reads password and folder names, a
 *		line each, fetches all messages of all folders in one flight
 *		over TLS and throws them away; prints how many bytes came
 *	bench_floor write DIRECTORY [sync]	reads lines "folder size" and
 *		writes files of these sizes below the directory: all into tmp,
 *		then renamed into cur; with sync, flushed before and after
 *
 * One thread, no checks but for failure: nothing here is worth timing but the
 * network and the disk.
 */
#include "config.h"

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* syncfs, where configure found it */
#endif

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

enum { STEP = 1 << 18, LINE_MAX_LEN = 500 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The next line of the input without its end; false at the end. */
static bool next_line(char line[LINE_MAX_LEN])
{
	if (!fgets(line, LINE_MAX_LEN, stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

static SSL *call(const char *port, const char *ca)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int sock = socket(AF_INET, SOCK_STREAM, 0);
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *tls;

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	if (sock < 0 || !SSL_CTX_load_verify_locations(context, ca, NULL) ||
	    connect(sock, (struct sockaddr *)&address, sizeof(address)))
		die("floor: connect");
	tls = SSL_new(context);
	SSL_CTX_free(context);
	if (!SSL_set_fd(tls, sock) || SSL_connect(tls) != 1)
		die("floor: TLS");
	return tls;
}

/* Everything there is to say, in one string. */
static char *all_commands(const char *user)
{
	char line[LINE_MAX_LEN], *text, *longer;

	if (!next_line(line))
		die("floor: no password");
	text = mem_printf("a LOGIN \"%s\" \"%s\"\r\n", user, line);
	while (next_line(line)) {
		longer = mem_printf("%ss EXAMINE \"%s\"\r\n"
			"f UID FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])\r\n",
			text, line);
		free(text);
		text = longer;
	}
	longer = mem_printf("%sz LOGOUT\r\n", text);
	free(text);
	return longer;
}

static int fetch(char *const *args)
{
	static char buffer[STEP];
	SSL *tls = call(args[0], args[1]);
	char *text = all_commands(args[2]);
	uint64_t total = 0;
	int len = SSL_read(tls, buffer, sizeof(buffer));

	if (len <= 0 || SSL_write(tls, text, (int)strlen(text)) <= 0)
		die("floor: no greeting");
	while ((len = SSL_read(tls, buffer, sizeof(buffer))) > 0)
		total += (uint64_t)len;
	printf("%ju\n", (uintmax_t)total);
	free(text);
	SSL_free(tls);
	return 0;
}

static void write_file(const char *path, size_t size)
{
	static char buffer[STEP];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	size_t len;

	if (fd < 0)
		die(path);
	for (; size > 0; size -= len) {
		len = size < sizeof(buffer) ? size : sizeof(buffer);
		if (write(fd, buffer, len) != (ssize_t)len)
			die(path);
	}
	close(fd);
}

struct file {
	char *folder;
	size_t size;
};

static char *file_path(const struct file *file, const char *part, size_t number)
{
	return mem_printf("%s/%s/%zu.%zu.floor:2,S", file->folder, part,
		number, file->size);
}

static void make_folder(const char *folder)
{
	char *tmp = mem_printf("%s/tmp", folder);
	char *cur = mem_printf("%s/cur", folder);

	if (mkdir(folder, 0700) == 0 && (mkdir(tmp, 0700) || mkdir(cur, 0700)))
		die(folder);
	free(tmp);
	free(cur);
}

static size_t read_files(struct file **out)
{
	char line[LINE_MAX_LEN], *space;
	struct file *files = NULL;
	size_t count = 0;

	while (next_line(line)) {
		space = strchr(line, ' ');
		if (!space)
			die("floor: folder and size");
		*space = '\0';
		files = mem_resize(files, count + 1, sizeof(*files));
		files[count].folder = mem_strdup(line);
		files[count++].size = strtoul(space + 1, NULL, 10);
	}
	*out = files;
	return count;
}

static void flush_all(void)
{
#ifdef HAVE_SYNCFS
	int fd = open(".", O_RDONLY);

	if (fd < 0 || syncfs(fd))
		die("floor: syncfs");
	close(fd);
#else
	sync();
#endif
}

static void put_file(const struct file *file, size_t number, bool placed)
{
	char *tmp = file_path(file, "tmp", number);
	char *cur = file_path(file, "cur", number);

	if (!placed)
		write_file(tmp, file->size);
	else if (rename(tmp, cur))
		die(cur);
	free(tmp);
	free(cur);
}

static int write_files(const char *directory, bool sync)
{
	struct file *files;
	size_t count = read_files(&files), i;

	if (chdir(directory))
		die(directory);
	for (i = 0; i < count; i++) {
		make_folder(files[i].folder);
		put_file(&files[i], i, false);
	}
	if (sync)
		flush_all();
	for (i = 0; i < count; i++)
		put_file(&files[i], i, true);
	if (sync)
		flush_all();
	for (i = 0; i < count; i++)
		free(files[i].folder);
	free(files);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "fetch") == 0)
		return fetch(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "write") == 0)
		return write_files(argv[2], argc > 3);
	fputs("usage: bench_floor fetch PORT CA USER\n"
		"       bench_floor write DIRECTORY [sync]\n", stderr);
	return 2;
}
