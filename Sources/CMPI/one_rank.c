// CMPI.h without MPI: one rank, for which collective calls copy from itself to itself.
#include "CMPI.h"

#ifndef CREDENCE_MPI

#include <stdio.h>
#include <string.h>

// What MPI says to a rank that is not there.
enum { no_such_rank = 6 };

bool credence_mpi_is_built(void) { return false; }

int credence_mpi_start(int *rank, int *size) {
    *rank = 0;
    *size = 1;
    return 0;
}

int credence_mpi_finish(void) { return 0; }

void credence_mpi_abort(int status) { (void)status; }

void credence_mpi_error_text(int code, char *text, size_t capacity) {
    if (code == no_such_rank) {
        snprintf(text, capacity, "no such rank: this build has no MPI");
    } else {
        snprintf(text, capacity, "error %d", code);
    }
}

int credence_mpi_barrier(credence_mpi_request *request) {
    (void)request;
    return 0;
}

int credence_mpi_broadcast(void *bytes, int count, int root, credence_mpi_request *request) {
    (void)bytes, (void)count, (void)request;
    return root == 0 ? 0 : no_such_rank;
}

int credence_mpi_all_to_all(
    const void *sent, const int *sent_counts, const int *sent_offsets, void *received, const int *received_counts,
    const int *received_offsets, credence_mpi_request *request) {
    (void)received_counts, (void)request;
    memcpy((char *)received + received_offsets[0], (const char *)sent + sent_offsets[0], (size_t)sent_counts[0]);
    return 0;
}

int credence_mpi_all_gather(
    const void *sent, int sent_count, void *received, const int *received_counts, const int *received_offsets,
    credence_mpi_request *request) {
    (void)received_counts, (void)request;
    memcpy((char *)received + received_offsets[0], sent, (size_t)sent_count);
    return 0;
}

int credence_mpi_send(const void *bytes, int count, int to, int tag, credence_mpi_request *request) {
    (void)bytes, (void)count, (void)to, (void)tag, (void)request;
    return no_such_rank;
}

int credence_mpi_receive(void *bytes, int count, int from, int tag, credence_mpi_request *request) {
    (void)bytes, (void)count, (void)from, (void)tag, (void)request;
    return no_such_rank;
}

int credence_mpi_test(credence_mpi_request *request, bool *is_done) {
    (void)request;
    *is_done = true;
    return 0;
}

#endif
