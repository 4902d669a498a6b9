// Open MPI behind CMPI.h.
#include "CMPI.h"

#ifdef CREDENCE_MPI

#include <mpi.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(MPI_Request) <= sizeof(credence_mpi_request), "room for a request");

static MPI_Request loaded(const credence_mpi_request *request) {
    MPI_Request value;
    memcpy(&value, request->bytes, sizeof value);
    return value;
}

static int stored(int code, MPI_Request value, credence_mpi_request *request) {
    memcpy(request->bytes, &value, sizeof value);
    return code;
}

bool credence_mpi_is_built(void) { return true; }

int credence_mpi_start(int *rank, int *size) {
    int provided = 0;
    // Calls come from one thread at a time, but which one is not for MPI to know.
    int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (code == MPI_SUCCESS) code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
    if (code == MPI_SUCCESS) code = MPI_Comm_size(MPI_COMM_WORLD, size);
    return code;
}

int credence_mpi_finish(void) { return MPI_Finalize(); }

void credence_mpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

void credence_mpi_error_text(int code, char *text, size_t capacity) {
    char message[MPI_MAX_ERROR_STRING + 1] = "";
    int length = 0;
    if (MPI_Error_string(code, message, &length) != MPI_SUCCESS) {
        snprintf(message, sizeof message, "error %d", code);
    }
    snprintf(text, capacity, "%s", message);
}

int credence_mpi_barrier(credence_mpi_request *request) {
    MPI_Request value = MPI_REQUEST_NULL;
    return stored(MPI_Ibarrier(MPI_COMM_WORLD, &value), value, request);
}

int credence_mpi_broadcast(void *bytes, int count, int root, credence_mpi_request *request) {
    MPI_Request value = MPI_REQUEST_NULL;
    return stored(MPI_Ibcast(bytes, count, MPI_BYTE, root, MPI_COMM_WORLD, &value), value, request);
}

int credence_mpi_all_to_all(
    const void *sent, const int *sent_counts, const int *sent_offsets, void *received, const int *received_counts,
    const int *received_offsets, credence_mpi_request *request) {
    MPI_Request value = MPI_REQUEST_NULL;
    int code = MPI_Ialltoallv(
        sent, sent_counts, sent_offsets, MPI_BYTE, received, received_counts, received_offsets, MPI_BYTE,
        MPI_COMM_WORLD, &value);
    return stored(code, value, request);
}

int credence_mpi_all_gather(
    const void *sent, int sent_count, void *received, const int *received_counts, const int *received_offsets,
    credence_mpi_request *request) {
    MPI_Request value = MPI_REQUEST_NULL;
    int code = MPI_Iallgatherv(
        sent, sent_count, MPI_BYTE, received, received_counts, received_offsets, MPI_BYTE, MPI_COMM_WORLD, &value);
    return stored(code, value, request);
}

int credence_mpi_send(const void *bytes, int count, int to, int tag, credence_mpi_request *request) {
    MPI_Request value = MPI_REQUEST_NULL;
    return stored(MPI_Isend(bytes, count, MPI_BYTE, to, tag, MPI_COMM_WORLD, &value), value, request);
}

int credence_mpi_receive(void *bytes, int count, int from, int tag, credence_mpi_request *request) {
    MPI_Request value = MPI_REQUEST_NULL;
    return stored(MPI_Irecv(bytes, count, MPI_BYTE, from, tag, MPI_COMM_WORLD, &value), value, request);
}

int credence_mpi_test(credence_mpi_request *request, bool *is_done) {
    MPI_Request value = loaded(request);
    int done = 0;
    int code = MPI_Test(&value, &done, MPI_STATUS_IGNORE);
    *is_done = done != 0;
    return stored(code, value, request);
}

#endif
