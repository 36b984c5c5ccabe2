#include "config.h"

#include "run/case_blind.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mem.h"

bool case_blind(const char *directory)
{
	char *at = mem_strdup(directory), *slash, *path, *other;
	bool blind = false;
	int fd;

	while (!file_is_dir(at) && (slash = strrchr(at, '/')) && slash > at)
		*slash = '\0';
	path = mem_printf("%s/.offlineimap-case-XXXXXX", at);
	fd = mkstemp(path);
	if (fd >= 0) {
		other = mem_strdup(path);
		memcpy(other + strlen(at) + 2, "OFFLINEIMAP", 11);
		blind = file_exists(other);
		unlink(path);
		free(other);
	}
	file_close(&fd);
	free(path);
	free(at);
	return blind;
}
