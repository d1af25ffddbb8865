# SPDX-License-Identifier: Apache-2.0
"""A Slurm of a test's own, on loopback: a controller and nodes, all on this machine, gone with the test."""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "mungekey", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")

CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/sock,cred_expire=5
SlurmctldPort={controller_port}
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdPidFile={folder}/run/%n.pid
SlurmdLogFile={folder}/log/%n.log
SlurmdSpoolDir={folder}/spool/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,batch_sched_delay=0
ReturnToService=2
SlurmdTimeout=20
KillWait=2
JobRequeue=1
DefMemPerCPU=100
MpiDefault=none
"""


def why_not():
    """Why no Slurm can be started here; empty where one can."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [program for program in PROGRAMS if shutil.which(program, path=path) is None]
    if missing:
        return f"Slurm is not installed: {', '.join(missing)} missing (scripts/install_packages slurm)"
    return "" if os.geteuid() == 0 else "a Slurm of several nodes on one machine needs root"


def wait_for(condition, seconds, what):
    """What `condition` says as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        said = condition()
        if said:
            return said
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def parent_of(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(status.rpartition(")")[2].split()[1])


def command_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def runs_on(pid, node):
    try:
        variables = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"SLURMD_NODENAME={node}".encode() in variables


class LoopbackSlurm:
    """Nodes n1, n2, ... of `cpus` each, in partition `main`."""

    def __init__(self, folder, nodes=2, cpus=2):
        self.folder = pathlib.Path(folder)
        self.nodes = [f"n{i + 1}" for i in range(nodes)]
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"),
                            "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
        self.daemons = {}
        for name in ("munge", "state", "run", "log", "spool"):
            (self.folder / name).mkdir(parents=True)
        host = socket.gethostname().split(".")[0]
        ports = free_ports(nodes + 1)
        text = CONFIGURATION.format(host=host, folder=self.folder, controller_port=ports[0])
        for node, port in zip(self.nodes, ports[1:]):
            (self.folder / "spool" / node).mkdir()
            text += (f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} "
                     "RealMemory=4000 State=UNKNOWN\n")
        text += "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
        (self.folder / "slurm.conf").write_text(text)

    def __enter__(self):
        try:
            munge = self.folder / "munge"
            munge.chmod(0o755)
            self.call("mungekey", "--create", f"--keyfile={munge / 'key'}")
            (munge / "key").chmod(0o600)
            self.start("munged", munge / "pid", "munged", f"--key-file={munge / 'key'}", f"--socket={munge / 'sock'}",
                       f"--log-file={munge / 'log'}", f"--pid-file={munge / 'pid'}",
                       f"--seed-file={munge / 'seed'}", "--force")
            configuration = self.folder / "slurm.conf"
            self.start("slurmctld", self.folder / "run" / "slurmctld.pid", "slurmctld", "-f", configuration)
            for node in self.nodes:
                self.start_node(node)
            wait_for(lambda: self.idle_nodes() == len(self.nodes), 60, "nodes that are idle")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.call("scancel", "--user=root")
            wait_for(lambda: not self.call("squeue", "--noheader", "--states=R,CG").strip(), 15, "jobs to end")
        for name in (*self.nodes, "slurmctld", "munged"):
            self.stop(name)

    def call(self, *words):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=60,
                              env=self.environment)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def start(self, name, pid_file, *words):
        pid_file.unlink(missing_ok=True)
        # Daemons leave their parent; what they say then is in their logs.
        subprocess.run([str(word) for word in words], check=True, timeout=60, env=self.environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = wait_for(lambda: pid_file.exists() and pid_file.read_text().strip(), 30, f"the number of {name}")
        self.daemons[name] = int(text)

    def start_node(self, node):
        self.start(node, self.folder / "run" / f"{node}.pid", "slurmd", "-f", self.folder / "slurm.conf", "-N", node)

    def stop(self, name, how=signal.SIGTERM):
        """Ends the one daemon of that name, and waits for its end."""
        pid = self.daemons.pop(name, 0)
        if pid == 0 or str(self.folder) not in " ".join(command_of(pid)):
            return
        os.kill(pid, how)
        end = time.monotonic() + 10
        while command_of(pid):
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                end += 10
            time.sleep(0.05)

    def idle_nodes(self):
        with contextlib.suppress(AssertionError):
            states = self.call("sinfo", "--noheader", "--Node", "--format=%T").split()
            return states.count("idle")
        return 0

    def is_queued(self, job):
        with contextlib.suppress(AssertionError):  # it has been forgotten
            return bool(self.call("squeue", "--noheader", f"--jobs={job}", "--format=%i").strip())
        return False

    def wait_until_ended(self, *jobs, seconds=180):
        wait_for(lambda: not any(self.is_queued(job) for job in jobs), seconds, f"the end of jobs {jobs}")

    def node_of(self, task):
        """Where a job "12_0" runs; empty where it waits."""
        return self.call("squeue", "--noheader", f"--jobs={task}", "--states=R", "--format=%N").strip()

    def batch_processes(self, node, folder):
        """What runs of the job of a submission in `folder` on `node`: slurmstepd, then all below it."""
        pids = [int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()]
        tasks = [pid for pid in pids if str(folder) in command_of(pid) and runs_on(pid, node)]
        steps = {parent_of(pid) for pid in tasks} - set(tasks)
        assert all(pid > 1 for pid in steps) and len(steps) <= 1, (steps, tasks)
        return [*steps, *sorted(tasks)]
