/*
 * Preloaded into a server: its wall clock is ahead of the machine's by the milliseconds that stand, as text, in the file
 * named by CLOCK_AHEAD_FILE; negative for behind. The file may be written at any time and keeps its length.
 * Only raw system calls, because allocators ask for the time before anything of the C library can be looked up.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *ahead_text;

__attribute__((constructor)) static void map_file(void) {
  const char *path = getenv("CLOCK_AHEAD_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) _exit(97);
  void *mapped = mmap(0, 32, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) _exit(98);
  close(file);
  ahead_text = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
  int result = (int)syscall(SYS_clock_gettime, clock, at);
  int is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && is_wall && ahead_text) {
    long ahead_ms = strtol(ahead_text, 0, 10);
    long nanos = at->tv_nsec + ahead_ms % 1000 * 1000000L;
    at->tv_sec += ahead_ms / 1000 + (nanos >= 1000000000L) - (nanos < 0);
    at->tv_nsec = nanos + (nanos < 0) * 1000000000L - (nanos >= 1000000000L) * 1000000000L;
  }
  return result;
}

int gettimeofday(struct timeval *at, void *zone) {
  (void)zone;
  struct timespec now;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
