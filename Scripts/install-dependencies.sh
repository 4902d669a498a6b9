#!/bin/sh
# Makes sure that Swift and the system libraries Credence links are there: GSL, OpenBLAS and SQLite. Installs missing
# libraries through apt where it may (root, or sudo without a password); otherwise says what to install and fails.
# Does nothing, quickly, when all is present.
set -eu

say() { printf '%s\n' "$*" >&2; }

required_swift="6.1"

check_swift() {
    if ! command -v swift >/dev/null 2>&1; then
        say "Swift $required_swift or newer is needed and no 'swift' is on the PATH."
        say "Install it from https://www.swift.org/install/linux and run this again."
        exit 1
    fi
    found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    major=${found%%.*}
    minor=${found#*.}
    if [ -z "$found" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 1 ]; }; then
        say "Swift $required_swift or newer is needed; 'swift --version' says ${found:-nothing readable}."
        say "Install a newer one from https://www.swift.org/install/linux and run this again."
        exit 1
    fi
}

compiler=""
for candidate in clang cc gcc; do
    if command -v "$candidate" >/dev/null 2>&1; then
        compiler=$candidate
        break
    fi
done

# links FLAGS PROGRAM: whether a C program with these libraries compiles and links.
links() {
    if [ -n "$compiler" ]; then
        printf '%s\n' "$2" | "$compiler" -x c - -o /dev/null $1 >/dev/null 2>&1
    else
        return 1
    fi
}

missing_debian="" missing_fedora="" missing_arch="" missing_brew=""

look() {
    missing_debian="" missing_fedora="" missing_arch="" missing_brew=""
    if ! links "-lgsl -lm" '#include <gsl/gsl_version.h>
        extern const char *gsl_version; int main(void) { return gsl_version == 0; }'; then
        missing_debian="$missing_debian libgsl-dev" missing_fedora="$missing_fedora gsl-devel"
        missing_arch="$missing_arch gsl" missing_brew="$missing_brew gsl"
    fi
    if ! links "-lopenblas" 'void sgemm_(void); int main(void) { return sgemm_ == 0; }'; then
        missing_debian="$missing_debian libopenblas-dev" missing_fedora="$missing_fedora openblas-devel"
        missing_arch="$missing_arch openblas" missing_brew="$missing_brew openblas"
    fi
    if ! links "-lsqlite3" '#include <sqlite3.h>
        int main(void) { return sqlite3_libversion_number() == 0; }'; then
        missing_debian="$missing_debian libsqlite3-dev" missing_fedora="$missing_fedora sqlite-devel"
        missing_arch="$missing_arch sqlite" missing_brew="$missing_brew sqlite"
    fi
}

explain() {
    say "These system libraries are missing, and this script cannot install them here ($1)."
    say "  Debian, Ubuntu:  sudo apt-get install$missing_debian"
    say "  Fedora:          sudo dnf install$missing_fedora"
    say "  Arch:            sudo pacman -S$missing_arch"
    say "  macOS:           brew install$missing_brew"
    exit 1
}

check_swift
look
[ -z "$missing_debian" ] && exit 0

command -v apt-get >/dev/null 2>&1 || explain "no apt-get: not a Debian-like system"
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    explain "neither root nor sudo without a password"
fi

say "Installing$missing_debian"
wanted=$missing_debian
if ! $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted >&2; then
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update >&2 || explain "apt-get update failed"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted >&2 ||
        explain "apt-get install failed"
fi
look
[ -z "$missing_debian" ] || explain "still not usable after installation"
