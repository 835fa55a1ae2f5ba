# shellcheck shell=bash
# What a host of the lab is made of. image.sh reads this file; the image's tag is a digest of it, so that a changed
# recipe makes a new image, and an unchanged one never.

# libpam-systemd and dbus-user-session: `systemctl --user` for the units of a user.
packages=(
  systemd systemd-sysv dbus dbus-user-session libpam-systemd
  openssh-server sudo rsync git ca-certificates procps iproute2 curl cron
  docker.io iptables busybox-static
  nginx-light caddy # what can stand in front of a compose project
  postgresql sqlite3 # what is backed up while it is written to
)

# Turns the fresh root file system in $1, with the plugin of Docker Compose in $2, into a host: users, sshd, and nothing that is different on every host.
customise() {
  local root=$1 compose=$2

  install -D -m 755 "$compose" "$root/usr/libexec/docker/cli-plugins/docker-compose"

  # Locked passwords: sshd would refuse an account with `!`, `*` is only "no password fits".
  chroot "$root" useradd --create-home --shell /bin/sh --groups docker,sudo deploy
  chroot "$root" usermod -p '*' deploy
  chroot "$root" usermod -p '*' root
  echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/deploy"
  chmod 440 "$root/etc/sudoers.d/deploy"
  install -d -m 700 "$root/root/.ssh"
  install -d -m 700 "$root/home/deploy/.ssh"
  # The owner of a host gives /srv to whom deploys; a service's folder needs no root then, only its unit does.
  chroot "$root" chown deploy:deploy /home/deploy/.ssh /srv

  cat >"$root/etc/ssh/sshd_config.d/lab.conf" <<'CONF'
PasswordAuthentication no
PermitRootLogin prohibit-password
UseDNS no
LogLevel VERBOSE
PrintMotd no
CONF
  : >"$root/etc/motd"

  # Every host makes keys of its own at its first start and keeps them when it starts again.
  rm -f "$root"/etc/ssh/ssh_host_*
  cat >"$root/etc/systemd/system/host-keys.service" <<'UNIT'
[Unit]
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ecdsa -N "" -f /etc/ssh/ssh_host_ecdsa_key
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
[Install]
WantedBy=multi-user.target
UNIT
  # docker.socket only: the engine inside a host starts when somebody asks for it, not three times at boot.
  chroot "$root" systemctl enable host-keys.service ssh.service docker.socket
  chroot "$root" systemctl disable docker.service containerd.service nginx.service caddy.service \
    postgresql.service
  # Work that no container needs, at times that no test expects.
  chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer \
    systemd-timesyncd.service systemd-networkd.service systemd-resolved.service getty.target console-getty.service

  # Debian's resolver file and host name come from Docker; a machine id of its own makes each host another machine.
  : >"$root/etc/machine-id"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/man \
    "$root"/usr/share/locale
}
