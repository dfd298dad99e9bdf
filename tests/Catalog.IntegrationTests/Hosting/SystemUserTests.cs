using System.Diagnostics;
using System.Runtime.Versioning;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Hosting;

/// <summary>Who runs what: a server that is root, one that is not, and folders that one of the two cannot use.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SystemUserTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("nobody")]
    public async Task As_root_postgres_runs_as_an_unprivileged_user_and_keys_stay_closed_to_it(string? asked)
    {
        Requires.Root();
        await Requires.PostgresAsync();
        await using var postgres = await StartAsync(_folder["data"], asked);

        Assert.True(Posix.OwnerOf($"/proc/{postgres.ProcessId}") is > 0);
        Assert.Equal(0u, Posix.OwnerOf(postgres.Data.Keys));
        Assert.True(await Sql.AnswersAsync(postgres.ConnectionString));
    }

    [Fact]
    public async Task As_root_the_owner_of_an_existing_cluster_runs_it()
    {
        Requires.Root();
        await Requires.PostgresAsync();
        await (await StartAsync(_folder["data"], "nobody")).DisposeAsync();

        await using var again = await StartAsync(_folder["data"]);

        Assert.Equal(Posix.UserNamed("nobody")?.UserId, Posix.OwnerOf($"/proc/{again.ProcessId}"));
    }

    [Fact]
    public async Task As_root_a_folder_closed_to_the_other_user_is_named()
    {
        Requires.Root();
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["home"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync(_folder["home/data"]));

        Assert.Equal(HostingException.DataUnreachable, refused.Code);
        Assert.Contains($"may not enter '{_folder["home"]}'", refused.Message);
    }

    [Fact]
    public async Task A_user_without_rights_starts_stops_and_dies_cleanly_too()
    {
        Requires.Root();
        await Requires.PostgresAsync();
        using var first = await PostgresOwner.StartAsync(NobodysFolder("data"), await AsNobodyAsync());
        Assert.Null(first.Failure);
        await Sql.RunAsync(first.ConnectionString, "CREATE TABLE kept (id int)");
        await first.KillAsync();
        await Eventually.True(() => !ProcessState.IsAlive(first.PostgresId), "PostgreSQL ended with its server");

        using var second = await PostgresOwner.StartAsync(_folder["data"], await AsNobodyAsync());
        Assert.Null(second.Failure);
        Assert.Equal(0, await Sql.ReadAsync<long>(second.ConnectionString, "SELECT count(*) FROM kept"));
        await second.StopAsync();
        Assert.False(ProcessState.IsAlive(second.PostgresId));
    }

    [Fact]
    public async Task A_read_only_folder_is_named()
    {
        Requires.Root();
        var folder = NobodysFolder("data");
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using var owner = await PostgresOwner.StartAsync(folder, await AsNobodyAsync());

        Assert.StartsWith(HostingException.DataReadOnly, owner.Failure);
        Assert.Contains($"'{folder}' cannot be written by the user 'nobody'", owner.Failure);
    }

    [Fact]
    public async Task A_read_only_file_system_is_named_even_to_root()
    {
        Requires.Root();
        Directory.CreateDirectory(_folder["data"]);
        using var mount = Process.Start(Requires.Program("mount"), ["-t", "tmpfs", "-o", "ro", "none", _folder["data"]]);
        await mount.WaitForExitAsync();
        Assert.SkipUnless(mount.ExitCode == 0, "nothing may be mounted here");
        try
        {
            var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync(_folder["data"]));
            Assert.Equal(HostingException.DataReadOnly, refused.Code);
        }
        finally
        {
            using var unmount = Process.Start(Requires.Program("umount"), [_folder["data"]]);
            await unmount.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_folder_below_one_that_may_not_be_entered_is_named()
    {
        Requires.Root();
        Directory.CreateDirectory(_folder["home"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        using var owner = await PostgresOwner.StartAsync(_folder["home/data"], await AsNobodyAsync());

        Assert.StartsWith(HostingException.DataUnreachable, owner.Failure);
        Assert.Contains($"may not enter '{_folder["home"]}'", owner.Failure);
    }

    [Fact]
    public async Task A_cluster_of_another_user_is_named()
    {
        Requires.Root();
        await Requires.PostgresAsync();
        await (await StartAsync(_folder["data"], "postgres")).DisposeAsync();
        foreach (var folder in new[] { _folder["data"], _folder["data/keys"], _folder["data/objects"], _folder["data/postgres-log"] })
            Posix.ChangeOwner(folder, Nobody);
        Posix.ChangeOwner(_folder["data/catalog.lock"], Nobody);

        using var owner = await PostgresOwner.StartAsync(_folder["data"], await AsNobodyAsync());

        Assert.StartsWith(HostingException.DataUnreachable, owner.Failure);
        Assert.Contains("start the server as the user that made it", owner.Failure);
    }

    private static SystemAccount Nobody => Posix.UserNamed("nobody") ?? throw new InvalidOperationException("No user 'nobody'.");

    private string NobodysFolder(string name)
    {
        Directory.CreateDirectory(_folder[name]);
        Posix.ChangeOwner(_folder[name], Nobody);
        return _folder[name];
    }

    // The build's folder may lie where nobody cannot read it.
    private static async Task<string[]> AsNobodyAsync()
    {
        string[] prefix = [Requires.Program("setpriv"), $"--reuid={Nobody.UserId}", $"--regid={Nobody.GroupId}", "--clear-groups"];
        using var test = Process.Start(prefix[0], [.. prefix[1..], "test", "-r", typeof(SystemUserTests).Assembly.Location]);
        await test.WaitForExitAsync();
        Assert.SkipUnless(test.ExitCode == 0, "the test program lies in a folder closed to others");
        return prefix;
    }

    private static Task<EmbeddedPostgres> StartAsync(string data, string? user = null) => EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataFolder = data, SystemUser = user, FetchWithNpm = false },
        NullLogger.Instance, CancellationToken.None);
}
