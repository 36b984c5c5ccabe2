/*
 * The tests of flights, a part of the session's suite.
 */
#ifndef CHECK_FLIGHT_H
#define CHECK_FLIGHT_H

#include <check.h>

void flight_tests(Suite *suite);

#endif
