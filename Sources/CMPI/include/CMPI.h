// The little of MPI that Ranks uses, over bytes, as non-blocking calls: with the package trait MPI those of Open MPI,
// without it stand-ins for a single rank, so that the code above is the same in both builds.
//
// Every function returns MPI's error code, 0 for success.
#ifndef CREDENCE_CMPI_H
#define CREDENCE_CMPI_H

#include <stdbool.h>
#include <stddef.h>

/// A call under way: room for an MPI_Request of any implementation.
typedef struct {
    _Alignas(8) unsigned char bytes[16];
} credence_mpi_request;

/// Whether this build has MPI.
bool credence_mpi_is_built(void);

/// MPI_Init_thread and the handler that returns errors; `rank` and `size` of the world.
int credence_mpi_start(int *rank, int *size);
int credence_mpi_finish(void);
/// Ends all ranks of the world with an exit status; returns only without MPI.
void credence_mpi_abort(int status);
/// The message of an error code, NUL-terminated.
void credence_mpi_error_text(int code, char *text, size_t capacity);

int credence_mpi_barrier(credence_mpi_request *request);
int credence_mpi_broadcast(void *bytes, int count, int root, credence_mpi_request *request);
/// Counts and offsets in bytes, one a rank. The arrays must stay as they are until the call is done.
int credence_mpi_all_to_all(
    const void *sent, const int *sent_counts, const int *sent_offsets, void *received, const int *received_counts,
    const int *received_offsets, credence_mpi_request *request);
/// Every rank gives `sent_count` bytes and receives those of all.
int credence_mpi_all_gather(
    const void *sent, int sent_count, void *received, const int *received_counts, const int *received_offsets,
    credence_mpi_request *request);
int credence_mpi_send(const void *bytes, int count, int to, int tag, credence_mpi_request *request);
int credence_mpi_receive(void *bytes, int count, int from, int tag, credence_mpi_request *request);
/// Whether a call is done; calls must be tested until they are.
int credence_mpi_test(credence_mpi_request *request, bool *is_done);

#endif
