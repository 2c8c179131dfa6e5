/* Between a program and its disk: fails, delays or writes down what it does to the files of one folder.

   SHIM_FOLDER names the folder, SHIM_CONTROL a file of int32s that says what to do (see shim.py), SHIM_LOG (if set) a file that
   gets one record for each write, truncation and sync, in the order in which the disk would see them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control { volatile int32_t eio_sync_every, eio_write_every, enospc, delay_ms, read_only, syncs, writes, hits; };
struct record { uint32_t magic, op; uint64_t offset; uint32_t length; char name[44]; };
enum { WRITE = 1, TRUNCATE = 2, SYNC = 3 };

static struct control off, *control = &off;
static const char *folder;
static int log_fd = -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SHIM_CONTROL");
    folder = getenv("SHIM_FOLDER");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *at = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (at != MAP_FAILED) control = at;
        close(fd);
    }
    if ((path = getenv("SHIM_LOG"))) log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static const char *in_folder(const char *path) {
    size_t length = folder ? strlen(folder) : 0;
    return length && !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1 : NULL;
}

/* The name of the file within our folder, or NULL when it is none of ours. */
static const char *ours(int fd, char *buffer, size_t size) {
    char link[40];
    if (!folder) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, buffer, size - 1);
    if (length < 0) return NULL;
    buffer[length] = 0;
    return in_folder(buffer);
}

static void note(uint32_t op, const char *name, uint64_t offset, const void *data, size_t length) {
    if (log_fd < 0) return;
    struct record record = {0x52554e4f, op, offset, (uint32_t)length, {0}};
    strncpy(record.name, name, sizeof record.name - 1);
    struct iovec both[2] = {{&record, sizeof record}, {(void *)data, data ? length : 0}};
    syscall(SYS_writev, log_fd, both, 2);
}

static int every(volatile int32_t *count, int32_t n) {
    int32_t now = __sync_add_and_fetch(count, 1);
    if (n <= 0 || now % n) return 0;
    __sync_add_and_fetch(&control->hits, 1);
    return 1;
}

/* May this write go on? Otherwise errno says why not. */
static int may_write(const char *name, uint64_t offset, const void *data, size_t length) {
    if (every(&control->writes, control->eio_write_every)) { errno = EIO; return 0; }
    if (control->enospc) { __sync_add_and_fetch(&control->hits, 1); errno = ENOSPC; return 0; }
    note(WRITE, name, offset, data, length);
    return 1;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    char path[4096];
    const char *name = ours(fd, path, sizeof path);
    if (name && !may_write(name, (uint64_t)offset, data, length)) return -1;
    return REAL(pwrite64)(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

ssize_t write(int fd, const void *data, size_t length) {
    char path[4096];
    const char *name = ours(fd, path, sizeof path);
    if (name) {
        struct stat found;
        int appends = fcntl(fd, F_GETFL) & O_APPEND;
        off_t at = appends && !fstat(fd, &found) ? found.st_size : lseek(fd, 0, SEEK_CUR);
        if (!may_write(name, (uint64_t)at, data, length)) return -1;
    }
    return REAL(write)(fd, data, length);
}

int ftruncate64(int fd, off64_t length) {
    char path[4096];
    const char *name = ours(fd, path, sizeof path);
    if (name) note(TRUNCATE, name, (uint64_t)length, NULL, 0);
    return REAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int synced(int fd, int (*real)(int)) {
    char path[4096];
    const char *name = ours(fd, path, sizeof path);
    if (!name) return real(fd);
    if (control->delay_ms > 0) {
        struct timespec pause = {control->delay_ms / 1000, control->delay_ms % 1000 * 1000000L};
        __sync_add_and_fetch(&control->hits, 1);
        nanosleep(&pause, NULL);
    }
    if (every(&control->syncs, control->eio_sync_every)) { errno = EIO; return -1; }
    int done = real(fd);
    if (!done) note(SYNC, name, 0, NULL, 0);
    return done;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

static int may_open(const char *path, int flags) {
    if (!control->read_only || !in_folder(path) || (flags & O_ACCMODE) == O_RDONLY) return 1;
    __sync_add_and_fetch(&control->hits, 1);
    errno = EACCES;
    return 0;
}

#define OPEN(name)                                                            \
    int name(const char *path, int flags, ...) {                              \
        va_list more;                                                         \
        va_start(more, flags);                                                \
        mode_t mode = va_arg(more, mode_t);                                   \
        va_end(more);                                                         \
        return may_open(path, flags) ? REAL(name)(path, flags, mode) : -1;    \
    }
OPEN(open)
OPEN(open64)
