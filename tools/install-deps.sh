#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Installs what the build needs and is not there yet, as root or through sudo.
#
#	tools/install-deps.sh [--tests] [--print] [--manager apt|dnf|apk]

# name: build | Debian | Fedora | Alpine; "-" where a distribution has none.
packages()
{
	cat <<-END
	build	gcc			gcc			gcc
	build	libc6-dev		glibc-devel		musl-dev
	build	make			make			make
	build	autoconf		autoconf		autoconf
	build	automake		automake		automake
	build	libtool			libtool			libtool
	build	pkg-config		pkgconf-pkg-config	pkgconf
	build	xz-utils		xz			xz
	build	-			-			linux-headers
	build	-			-			bsd-compat-headers
	build	libevent-dev		libevent-devel		libevent-dev
	build	liblmdb-dev		lmdb-devel		lmdb-dev
	build	libsodium-dev		libsodium-devel		libsodium-dev
	build	nettle-dev		nettle-devel		nettle-dev
	build	liboath-dev		liboath-devel		oath-toolkit-dev
	build	libconfuse-dev		libconfuse-devel	confuse-dev
	build	libpam0g-dev		pam-devel		linux-pam-dev
	build	libqrencode-dev		qrencode-devel		libqrencode-dev
	build	libpng-dev		libpng-devel		libpng-dev
	build	libcsv-dev		libcsv-devel		libcsv-dev
	build	libpskc-dev		libpskc-devel		-
	build	oathtool		oathtool		oath-toolkit-oathtool
	tests	clang-14		clang			clang
	tests	libclang-rt-14-dev	compiler-rt		compiler-rt
	tests	clang-format-14		clang-tools-extra	clang-extra-tools
	tests	llvm-14			llvm			llvm
	tests	-			libasan			-
	tests	-			libubsan		-
	tests	libcmocka-dev		libcmocka-devel		cmocka-dev
	tests	libjansson-dev		jansson-devel		jansson-dev
	tests	mandoc			mandoc			mandoc
	tests	faketime		libfaketime		libfaketime
	tests	golang-go		golang			go
	tests	golang-github-varlink-go-dev -			-
	tests	libpam-google-authenticator google-authenticator google-authenticator
	tests	libpam-oath		pam_oath		-
	tests	pskctool		pskctool		-
	tests	python3			python3			python3
	tests	jq			jq			jq
	tests	util-linux		util-linux		util-linux-misc
	tests	e2fsprogs		e2fsprogs		e2fsprogs
	tests	zsh			zsh			zsh
	tests	zbar-tools		zbar			zbar
	tests	valgrind		valgrind		valgrind
	tests	libnss-wrapper		nss_wrapper		nss_wrapper
	tests	binutils		binutils		binutils
	tests	systemd			systemd			-
	tests	procps			procps-ng		procps-ng
	tests	sudo			sudo			sudo
	tests	php-cli			php-cli			php83-cli
	tests	nodejs			nodejs			nodejs
	tests	npm			npm			npm
	tests	chromium		chromium		chromium
	tests	nginx			nginx			nginx
	tests	openssl			openssl			openssl
	tests	openssh-client		openssh-clients		openssh-client-default
	tests	openssh-server		openssh-server		openssh-server-pam
	END
}

fail()
{
	echo "install-deps.sh: $*" >&2
	exit 1
}

tests=no print=no manager=
while [ $# -gt 0 ]; do
	case $1 in
	--tests) tests=yes ;;
	--print) print=yes ;;
	--manager) manager=${2-}; shift ;;
	*) fail "usage: tools/install-deps.sh [--tests] [--print] [--manager apt|dnf|apk]" ;;
	esac
	shift
done

if [ -z "$manager" ]; then
	for name in apt-get dnf apk; do
		if command -v "$name" >/dev/null; then
			manager=${name%-get}
			break
		fi
	done
fi
case $manager in
apt) column=2 ;;
dnf) column=3 ;;
apk) column=4 ;;
*) fail "neither apt, dnf nor apk is here; install what --print --manager apt lists" ;;
esac

wanted=$(packages | awk -v column="$column" -v tests="$tests" \
    '($1 == "build" || tests == "yes") && $column != "-" { print $column }')
if [ "$print" = yes ]; then
	echo "$wanted"
	exit 0
fi

# A service manager would start them, for everybody: there their tests are skipped.
if [ -d /run/systemd/system ]; then
	wanted=$(echo "$wanted" | grep -v '^openssh-server\|^nginx')
fi

# A newer node, from elsewhere, brings its own npm, and the distribution's would
# put both out.
if command -v npm >/dev/null; then
	wanted=$(echo "$wanted" | grep -v '^nodejs$\|^npm$')
fi

installed() # PACKAGE
{
	case $manager in
	apt) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
	dnf) rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
	apk) apk info -e "$1" >/dev/null 2>&1 ;;
	esac
}

missing=
for package in $wanted; do
	installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	# Where nobody can type a password, ask for none.
	quiet=
	[ -t 0 ] || quiet=-n
	if ! command -v sudo >/dev/null || { [ -n "$quiet" ] && ! sudo -n true 2>/dev/null; }; then
		fail "missing:$missing
run as root: tools/install-deps.sh$([ "$tests" = no ] || echo " --tests")"
	fi
	as_root="sudo $quiet"
fi

echo "install-deps.sh: installing$missing"
case $manager in
apt)
	$as_root apt-get -q update &&
	$as_root env DEBIAN_FRONTEND=noninteractive \
	    apt-get -q -y --no-install-recommends install $missing
	;;
dnf) $as_root dnf -q -y --setopt=install_weak_deps=False install $missing ;;
apk) $as_root apk add -q $missing ;;
esac </dev/null || fail "the packages could not be installed"
