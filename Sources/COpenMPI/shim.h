// Open MPI, found by pkg-config; with the package trait MPI only.
#include <mpi.h>
