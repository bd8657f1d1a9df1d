# Made from ops.proto by `make proto`.
from llbfront.pb import load

enums = {
    "NetMode": {"UNSET": 0, "HOST": 1, "NONE": 2},
    "SecurityMode": {"SANDBOX": 0, "INSECURE": 1},
    "MountType": {"BIND": 0, "SECRET": 1, "SSH": 2, "CACHE": 3, "TMPFS": 4},
    "MountContentCache": {"DEFAULT": 0, "ON": 1, "OFF": 2},
    "CacheSharingOpt": {"SHARED": 0, "PRIVATE": 1, "LOCKED": 2},
}

messages = {
    "Op": """\
1 inputs many ops.Input
2 exec op ops.ExecOp
3 source op ops.SourceOp
4 file op ops.FileOp
5 build op ops.BuildOp
6 merge op ops.MergeOp
7 diff op ops.DiffOp
8 passthrough op ops.PassthroughOp
10 platform one ops.Platform
11 constraints one ops.WorkerConstraints
""",
    "Platform": """\
1 Architecture one string
2 OS one string
3 Variant one string
4 OSVersion one string
5 OSFeatures many string
""",
    "Input": """\
1 digest one string
2 index one int64
""",
    "ExecOp": """\
1 meta one ops.Meta
2 mounts many ops.Mount
3 network one enum ops.NetMode
4 security one enum ops.SecurityMode
5 secretenv many ops.SecretEnv
6 cdiDevices many ops.CDIDevice
""",
    "Meta": """\
1 args many string
2 env many string
3 cwd one string
4 user one string
5 proxy_env one ops.ProxyEnv
6 extraHosts many ops.HostIP
7 hostname one string
9 ulimit many ops.Ulimit
10 cgroupParent one string
11 removeMountStubsRecursive one bool
12 validExitCodes many int32
""",
    "HostIP": """\
1 Host one string
2 IP one string
""",
    "Ulimit": """\
1 Name one string
2 Soft one int64
3 Hard one int64
""",
    "SecretEnv": """\
1 ID one string
2 name one string
3 optional one bool
""",
    "CDIDevice": """\
1 name one string
2 optional one bool
""",
    "Mount": """\
1 input one int64
2 selector one string
3 dest one string
4 output one int64
5 readonly one bool
6 mountType one enum ops.MountType
19 TmpfsOpt one ops.TmpfsOpt
20 cacheOpt one ops.CacheOpt
21 secretOpt one ops.SecretOpt
22 SSHOpt one ops.SSHOpt
23 resultID one string
24 contentCache one enum ops.MountContentCache
""",
    "TmpfsOpt": """\
1 size one int64
""",
    "CacheOpt": """\
1 ID one string
2 sharing one enum ops.CacheSharingOpt
""",
    "SecretOpt": """\
1 ID one string
2 uid one uint32
3 gid one uint32
4 mode one uint32
5 optional one bool
""",
    "SSHOpt": """\
1 ID one string
2 uid one uint32
3 gid one uint32
4 mode one uint32
5 optional one bool
""",
    "SourceOp": """\
1 identifier one string
2 attrs map string string
""",
    "BuildOp": """\
1 builder one int64
2 inputs map string ops.BuildInput
3 def one ops.Definition
4 attrs map string string
""",
    "BuildInput": """\
1 input one int64
""",
    "OpMetadata": """\
1 ignore_cache one bool
2 description map string string
4 export_cache one ops.ExportCache
5 caps map string bool
6 progress_group one ops.ProgressGroup
7 linux_resources one ops.LinuxResources
""",
    "Source": """\
1 locations map string ops.Locations
2 infos many ops.SourceInfo
""",
    "Locations": """\
1 locations many ops.Location
""",
    "SourceInfo": """\
1 filename one string
2 data one bytes
3 definition one ops.Definition
4 language one string
""",
    "Location": """\
1 sourceIndex one int32
2 ranges many ops.Range
""",
    "Range": """\
1 start one ops.Position
2 end one ops.Position
""",
    "Position": """\
1 line one int32
2 character one int32
""",
    "ExportCache": """\
1 Value one bool
""",
    "ProgressGroup": """\
1 id one string
2 name one string
3 weak one bool
""",
    "LinuxResources": """\
1 memory one int64
2 memorySwap one int64
3 cpuShares one uint64
4 cpuPeriod one uint64
5 cpuQuota one int64
6 cpusetCpus one string
7 cpusetMems one string
""",
    "ProxyEnv": """\
1 http_proxy one string
2 https_proxy one string
3 ftp_proxy one string
4 no_proxy one string
5 all_proxy one string
""",
    "WorkerConstraints": """\
1 filter many string
""",
    "Definition": """\
1 def many bytes
2 metadata map string ops.OpMetadata
3 Source one ops.Source
""",
    "FileOp": """\
2 actions many ops.FileAction
""",
    "FileAction": """\
1 input one int64
2 secondaryInput one int64
3 output one int64
4 copy action ops.FileActionCopy
5 mkfile action ops.FileActionMkFile
6 mkdir action ops.FileActionMkDir
7 rm action ops.FileActionRm
8 symlink action ops.FileActionSymlink
""",
    "FileActionCopy": """\
1 src one string
2 dest one string
3 owner one ops.ChownOpt
4 mode one int32
5 followSymlink one bool
6 dirCopyContents one bool
7 attemptUnpackDockerCompatibility one bool
8 createDestPath one bool
9 allowWildcard one bool
10 allowEmptyWildcard one bool
11 timestamp one int64
12 include_patterns many string
13 exclude_patterns many string
14 alwaysReplaceExistingDestPaths one bool
15 modeStr one string
16 required_paths many string
""",
    "FileActionMkFile": """\
1 path one string
2 mode one int32
3 data one bytes
4 owner one ops.ChownOpt
5 timestamp one int64
""",
    "FileActionSymlink": """\
1 oldpath one string
2 newpath one string
3 owner one ops.ChownOpt
4 timestamp one int64
""",
    "FileActionMkDir": """\
1 path one string
2 mode one int32
3 makeParents one bool
4 owner one ops.ChownOpt
5 timestamp one int64
""",
    "FileActionRm": """\
1 path one string
2 allowNotFound one bool
3 allowWildcard one bool
""",
    "ChownOpt": """\
1 user one ops.UserOpt
2 group one ops.UserOpt
""",
    "UserOpt": """\
1 byName user ops.NamedUserOpt
2 byID user uint32
""",
    "NamedUserOpt": """\
1 name one string
2 input one int64
""",
    "MergeInput": """\
1 input one int64
""",
    "MergeOp": """\
1 inputs many ops.MergeInput
""",
    "LowerDiffInput": """\
1 input one int64
""",
    "UpperDiffInput": """\
1 input one int64
""",
    "DiffOp": """\
1 lower one ops.LowerDiffInput
2 upper one ops.UpperDiffInput
""",
    "PassthroughOp": """\
1 id one string
2 outputs many int64
""",
}

services = {}

__getattr__ = load(globals(), "pb", messages, enums, services)
