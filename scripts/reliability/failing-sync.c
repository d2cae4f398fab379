/*
 * A disk whose syncs fail, to be preloaded into a program (LD_PRELOAD).
 *
 * While the first byte of the file PARAPET_SYNC_SWITCH is '1', fsync and fdatasync fail with EIO and write nothing. From then on the same
 * descriptor reports success and still writes nothing, until it is opened anew: the kernel has marked the pages clean and told of the error
 * once, so whoever "just retries" is told that all is well (Rebello et al., Can Applications Recover from fsync Failures?, ATC 2020).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Descriptors above this are not watched; a process that is tested here has some fifty. */
#define WATCHED 4096

static volatile const char *failing;
static volatile char lies[WATCHED];

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("PARAPET_SYNC_SWITCH");
  int fd = path == NULL ? -1 : open(path, O_RDONLY);
  if (fd < 0) return;
  void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (page != MAP_FAILED) failing = page;
}

static int watched(int fd) { return fd >= 0 && fd < WATCHED; }

/* 0: the real call decides. 1: success. -1: it fails. */
static int judge(int fd) {
  if (failing == NULL || !watched(fd)) return 0;
  if (*failing == '1') {
    lies[fd] = 1;
    errno = EIO;
    return -1;
  }
  return lies[fd];
}

#define SYNC(name)                                                     \
  int name(int fd) {                                                   \
    static int (*real)(int);                                           \
    if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, #name);    \
    int how = judge(fd);                                               \
    return how == 0 ? real(fd) : how > 0 ? 0 : -1;                     \
  }
SYNC(fsync)
SYNC(fdatasync)

static int opened(int fd) {
  if (watched(fd)) lies[fd] = 0;
  return fd;
}

#define OPEN(name)                                                                        \
  int name(const char *path, int flags, ...) {                                            \
    static int (*real)(const char *, int, ...);                                           \
    if (real == NULL) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);    \
    va_list rest;                                                                         \
    va_start(rest, flags);                                                                \
    mode_t mode = va_arg(rest, mode_t);                                                   \
    va_end(rest);                                                                         \
    return opened(real(path, flags, mode));                                               \
  }
OPEN(open)
OPEN(open64)
