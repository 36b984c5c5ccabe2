import subprocess


def get_token(user):
    out = subprocess.run(["mutt_oauth2", user], stdout=subprocess.PIPE,
                         check=True).stdout
    return out.decode().strip()
