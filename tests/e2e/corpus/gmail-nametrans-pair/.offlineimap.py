#! /usr/bin/env python3
from subprocess import check_output


def get_pass(name):
    return check_output("pass " + name, shell=True).splitlines()[0]
