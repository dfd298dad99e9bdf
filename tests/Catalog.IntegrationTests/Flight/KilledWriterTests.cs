using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.IntegrationTests.Columns;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Flight;

/// <summary>Who puts rows over Flight is killed in the middle.</summary>
public sealed class KilledWriterTests
{
    [Fact]
    public async Task It_leaves_no_version_and_no_object_and_the_server_goes_on()
    {
        Requires.Linux();
        await using var fresh = await FreshServer.StartAsync(o => o with { FlightUrl = "http://127.0.0.1:0" });
        var (flight, key) = (fresh.Server.FlightAddress ?? throw new InvalidOperationException("No Flight."), fresh.Api.Key ?? "");
        using var catalog = new CatalogClient(fresh.Server.Address, key);
        var name = new QualifiedName("put", "rows");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var spool = Path.Combine(fresh.Server.Data.Root, "spool");
        using (var writer = FlightWriter.Start(flight, key, "dataset:put/rows"))
        {
            // More than a row group: some of it is on the disk.
            await writer.SendAsync(batches: 40);
            await Eventually.True(() => OpenIn(spool).Any(f => f.Length > 0), "rows on the disk of the server");

            await writer.KillAsync();
        }

        await Eventually.True(() => OpenIn(spool).Count == 0, "the end of the call on the server");
        Assert.Empty(Directory.EnumerateFileSystemEntries(spool));
        Assert.False(Directory.Exists(Path.Combine(fresh.Server.Data.Objects, "sha256")));
        Assert.Equal(0, (await catalog.Datasets.GetAsync(name)).Latest);
        Assert.Equal(1, await PutAsync(flight, key));
        Assert.Equal(1, (await catalog.Datasets.GetAsync(name)).Latest);
    }

    /// <summary>The files of this process in a folder that have no name any more.</summary>
    private static IReadOnlyList<FileInfo> OpenIn(string folder) =>
    [
        .. new DirectoryInfo("/proc/self/fd").EnumerateFiles()
            .Where(f => f.LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true),
    ];

    /// <returns>The number of the version.</returns>
    private static async Task<long> PutAsync(Uri flight, string key)
    {
        using var channel = GrpcChannel.ForAddress(flight);
        using var put = new FlightClient(channel).StartPut(
            FlightDescriptor.CreatePathDescriptor("dataset:put/rows"), new Metadata { { "authorization", $"Bearer {key}" } });
        foreach (var batch in MadeTable.Batches(seed: 1, rows: 30_000))
            await put.RequestStream.WriteAsync(batch);
        await put.RequestStream.CompleteAsync();
        Assert.True(await put.ResponseStream.MoveNext(CancellationToken.None));
        using var receipt = System.Text.Json.JsonDocument.Parse(put.ResponseStream.Current.ApplicationMetadata.ToByteArray());
        return receipt.RootElement.GetProperty("version").GetInt64();
    }
}
