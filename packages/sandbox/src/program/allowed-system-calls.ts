const FILES = `access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
  fadvise64 fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr
  fstat fstatfs fsync ftruncate getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1
  inotify_rm_watch ioctl lchown lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat memfd_create
  mkdir mkdirat newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead
  readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat statfs statx symlink
  symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat utimes vmsplice write writev`
const EVENTS = `epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 poll ppoll pselect6
  select signalfd signalfd4 timerfd_create timerfd_gettime timerfd_settime`
const MEMORY = `brk madvise membarrier mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock munlockall munmap
  pkey_alloc pkey_free pkey_mprotect`
const PROCESSES = `alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_waitv get_robust_list
  get_thread_area getcpu getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid getpriority getrandom
  getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill nanosleep pause
  pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
  sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr
  sched_setparam sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid
  setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setuid sigaltstack sysinfo
  tgkill time times tkill uname vfork wait4 waitid`
const CLOCKS = `clock_getres clock_gettime clock_nanosleep gettimeofday timer_create timer_delete timer_getoverrun
  timer_gettime timer_settime`
const SOCKETS = `accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg
  sendmsg sendto setsockopt shutdown socketpair`

/** CLONE_NEW* flags, which would make a namespace. */
export const NAMESPACE_FLAGS = 0x7e020000
/** Local and internet sockets; neither netlink nor packet nor vsock, which an empty network does not cover. */
export const SOCKET_FAMILIES: readonly number[] = Object.freeze([1, 2, 10])

/**
 * The system calls that a guest may make with any arguments: what interpreters use, without namespaces, mounts, tracing,
 * keys, BPF, modules, performance events, user fault handling, System V and POSIX queues and io_uring. Besides these,
 * `socket` with {@link SOCKET_FAMILIES} and `clone` without {@link NAMESPACE_FLAGS}; `clone3` is told not to exist.
 */
export const ALLOWED_SYSTEM_CALLS: readonly string[] = Object.freeze(
  [FILES, EVENTS, MEMORY, PROCESSES, CLOCKS, SOCKETS].flatMap((names) => names.split(/\s+/)),
)
