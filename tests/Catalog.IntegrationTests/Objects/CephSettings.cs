namespace Catalog.IntegrationTests.Objects;

/// <summary>The configuration of a Ceph cluster of one monitor and one storage daemon that keeps everything in memory.</summary>
internal static class CephSettings
{
    /// <param name="folder">Of the cluster's own.</param>
    /// <param name="id">A UUID.</param>
    /// <param name="monitorPort">Of the monitor; the one after it is its older protocol's.</param>
    /// <param name="daemonPorts">First of a few that the storage daemon may listen on.</param>
    public static string Text(string folder, Guid id, int monitorPort, int daemonPorts) => $"""
        [global]
        fsid = {id}
        mon host = [v2:127.0.0.1:{monitorPort},v1:127.0.0.1:{monitorPort + 1}]
        mon initial members = a
        public network = 127.0.0.0/8
        ms bind port min = {daemonPorts}
        ms bind port max = {daemonPorts + 40}
        auth cluster required = cephx
        auth service required = cephx
        auth client required = cephx
        auth allow insecure global id reclaim = false
        keyring = {folder}/keyring
        run dir = {folder}
        log file = {folder}/$name.log
        admin socket =
        pid file =
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 8
        osd pool default pgp num = 8
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        mon allow pool size one = true
        mon warn on pool no redundancy = false
        mon data avail crit = 1
        mon data avail warn = 2
        # Elections and maps settle at once instead of after seconds: there is nobody to wait for.
        paxos propose interval = 0.05
        paxos min wait = 0.01
        mon tick interval = 1
        mon osd min in ratio = 0
        osd heartbeat grace = 20
        osd beacon report interval = 30
        osd numa auto affinity = false
        [mon.a]
        mon data = {folder}/mon
        [osd]
        osd objectstore = memstore
        osd data = {folder}/osd
        memstore device bytes = 4294967296
        osd memory target = 1073741824
        [client.rgw]
        rgw data = {folder}/rgw
        rgw enable apis = s3, admin
        rgw dns name = localhost
        rgw enable usage log = false
        rgw enable ops log = false
        rgw thread pool size = 64
        # Gateways that share a cache wait half a minute for one that was killed.
        rgw cache enabled = false
        """;
}
