/*
 * Preloaded into a program and all that it starts: while the file $PARAPET_WRITES_FAIL holds a number, every write below $PARAPET_WRITES_BELOW, and every
 * file made there, fails with that error. gcc -shared -fPIC -O2 -o failing-writes.so failing-writes.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Real functions, looked up once. */
#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); real; })

static int failure(void) {
  const char *path = getenv("PARAPET_WRITES_FAIL");
  char text[16];
  if (!path) return 0;
  int file = REAL(open)(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text - 1);
  REAL(close)(file);
  if (count <= 0) return 0;
  text[count] = 0;
  return atoi(text);
}

static int is_below(const char *path) {
  const char *below = getenv("PARAPET_WRITES_BELOW");
  return below && path && !strncmp(path, below, strlen(below));
}

static int is_file_below(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count <= 0) return 0;
  path[count] = 0;
  return is_below(path);
}

#define FAIL_FD(fd) do { int kept = errno, code = is_file_below(fd) ? failure() : 0; if (code) { errno = code; return -1; } errno = kept; } while (0)
#define FAIL_PATH(path) do { int kept = errno, code = is_below(path) ? failure() : 0; if (code) { errno = code; return -1; } errno = kept; } while (0)

ssize_t write(int fd, const void *data, size_t bytes) { FAIL_FD(fd); return REAL(write)(fd, data, bytes); }
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at) { FAIL_FD(fd); return REAL(pwrite)(fd, data, bytes, at); }
ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t at) { FAIL_FD(fd); return REAL(pwrite64)(fd, data, bytes, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { FAIL_FD(fd); return REAL(writev)(fd, parts, count); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { FAIL_FD(fd); return REAL(pwritev)(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { FAIL_FD(fd); return REAL(pwritev64)(fd, parts, count, at); }
int fsync(int fd) { FAIL_FD(fd); return REAL(fsync)(fd); }
int fdatasync(int fd) { FAIL_FD(fd); return REAL(fdatasync)(fd); }
int mkdir(const char *path, mode_t mode) { FAIL_PATH(path); return REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { FAIL_PATH(to); return REAL(rename)(from, to); }
int unlink(const char *path) { FAIL_PATH(path); return REAL(unlink)(path); }

#define OPEN(name)                                          \
  int name(const char *path, int flags, ...) {              \
    mode_t mode = 0;                                        \
    if (flags & (O_CREAT | O_TMPFILE)) {                    \
      va_list rest;                                         \
      va_start(rest, flags);                                \
      mode = va_arg(rest, mode_t);                          \
      va_end(rest);                                         \
    }                                                       \
    if (flags & (O_CREAT | O_TRUNC | O_WRONLY)) FAIL_PATH(path); \
    return REAL(name)(path, flags, mode);                   \
  }
OPEN(open)
OPEN(open64)
