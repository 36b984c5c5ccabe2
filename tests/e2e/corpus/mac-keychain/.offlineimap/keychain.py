import re
import subprocess


def get_keychain_pass(account=None, server=None):
    params = {
        'security': 'security',
        'command': 'find-internet-password',
        'account': account,
        'server': server,
    }
    command = ("%(security)s -v %(command)s -g -a %(account)s "
               "-s %(server)s" % params)
    output = subprocess.check_output(command, shell=True,
                                     stderr=subprocess.STDOUT)
    outtext = [l for l in output.decode().splitlines()
               if l.startswith('password: ')][0]
    return re.match(r'password: "(.*)"', outtext).group(1)
