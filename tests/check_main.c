/*
 * Runs the suites of one layer, named by SUITES_HERE at compile time.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>

#include "suites.h"

#define SUITE_ADD(name) srunner_add_suite(runner, name##_suite());

/* LeakSanitizer's question; the same as in lsan.supp. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libgssglue.so\nleak:libgssapi_krb5.so\n";
}

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	signal(SIGPIPE, SIG_IGN);
	SUITES_HERE(SUITE_ADD)
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
