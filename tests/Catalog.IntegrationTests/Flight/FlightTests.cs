using System.Text;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Catalog.Cli.Printing;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Grpc.Core;
using Grpc.Net.Client;

namespace Catalog.IntegrationTests.Flight;

/// <summary>A catalog that serves Flight and has the demo's flights.</summary>
public sealed class FlightFixture : IAsyncLifetime
{
    private FreshServer? _server;
    private GrpcChannel? _channel;
    private CatalogClient? _catalog;

    internal FreshServer Fresh => _server ?? throw new InvalidOperationException("Not started.");

    internal CatalogClient Catalog => _catalog ?? throw new InvalidOperationException("Not started.");

    internal CallInvoker Calls => _channel?.CreateCallInvoker() ?? throw new InvalidOperationException("Not started.");

    internal FlightClient Client => new(_channel ?? throw new InvalidOperationException("Not started."));

    public async ValueTask InitializeAsync()
    {
        _server = await FreshServer.StartAsync(o => o with { FlightUrl = "http://127.0.0.1:0" });
        _channel = GrpcChannel.ForAddress(_server.Server.FlightAddress ?? throw new InvalidOperationException("No Flight."));
        _catalog = new CatalogClient(_server.Server.Address, _server.Api.Key ?? "");
        var name = new QualifiedName("demo", "flights");
        await _catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var flights = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Catalog.Cli/Demo/Data"), "*.parquet");
        await _catalog.Datasets.CommitAsync(name, NewVersion.Of(flights));
    }

    public async ValueTask DisposeAsync()
    {
        _catalog?.Dispose();
        _channel?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>Arrow Flight as the stock client speaks it, over a real socket.</summary>
public sealed class FlightTests(FlightFixture flight) : IClassFixture<FlightFixture>
{
    private FreshServer Fresh => flight.Fresh;

    private CatalogClient Catalog => flight.Catalog;

    private FlightClient Client => flight.Client;

    [Fact]
    public async Task A_version_is_found_and_read_shard_by_shard_as_over_http()
    {
        var whole = await OverHttpAsync(new ColumnQuery { Columns = ["delay", "origin"], Filter = "delay > 60" });

        var info = await Client.GetInfo(
            Command("""{"node":"dataset:demo/flights@latest","columns":["delay","origin"],"filter":"delay > 60","shards":3}"""), Key());
        var rows = new List<string>();
        foreach (var endpoint in info.Endpoints)
            rows.AddRange(await ReadAsync(endpoint.Ticket));

        Assert.Equal(3, info.Endpoints.Count);
        Assert.Equal("dataset:demo/flights@1", info.AppMetadata.ToStringUtf8());
        Assert.Equal(["delay", "origin"], info.Schema.FieldsList.Select(f => f.Name));
        Assert.Equal(whole.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
        Assert.NotEmpty(rows);
    }

    /// <summary>A ticket for each worker; and from one token, tickets for twice as many.</summary>
    [Fact]
    public async Task An_epoch_is_read_by_workers_and_gone_on_with_by_others()
    {
        const string Question = """{"node":"dataset:demo/flights","columns":["delay","origin"],"seed":7,"epoch":2,"batchRows":4096,""";
        var whole = await Client.GetInfo(Command(Question + "\"shards\":1}"), Key());
        var two = await Client.GetInfo(Command(Question + "\"uneven\":\"keep\",\"shards\":2}"), Key());
        var all = await ReadAsync(Assert.Single(whole.Endpoints).Ticket);

        var (metadata, first) = await BeginAsync(two.Endpoints[0].Ticket, rows: 4_096);
        var (_, second) = await BeginAsync(two.Endpoints[1].Ticket, rows: 4_096);
        var token = metadata["catalog.token"].Split('.');
        var goOn = Question.Replace("\"epoch\":2,", $"\"token\":\"{token[0]}.2.{2 * 4_096}\",", StringComparison.Ordinal);
        var four = await Client.GetInfo(Command(goOn + "\"shards\":4}"), Key());
        var rest = new List<List<string>>();
        foreach (var endpoint in four.Endpoints)
            rest.Add(await ReadAsync(endpoint.Ticket));

        Assert.Equal(all.Take(2 * 4_096), first.Zip(second).SelectMany(p => (string[])[p.First, p.Second]));
        Assert.Equal(all.Skip(2 * 4_096), Enumerable.Range(0, rest.Sum(r => r.Count)).Select(i => rest[i % 4][i / 4]));
    }

    [Fact]
    public async Task An_epoch_that_is_read_for_a_run_is_recorded_on_it()
    {
        await using var run = await Catalog.StartRunAsync(new QualifiedName("demo", New.Name("train")));
        var info = await Client.GetInfo(Command("""{"node":"dataset:demo/flights","columns":["delay"],"seed":7,"epoch":3}"""), Key());
        var key = Key();
        key.Add("catalog-run", run.Id.ToString());
        using var call = Client.GetStream(Assert.Single(info.Endpoints).Ticket, key);

        Assert.Equal(run.Node.ToString(), (await call.ResponseStream.Schema).Metadata["catalog.recorded"]);
        var epochs = Assert.Single((await Catalog.Runs.GetAsync(run.Id)).Epochs);
        Assert.Equal(new NumberRange(3, 3), Assert.Single(Assert.Single(epochs.Read).Epochs));
    }

    [Fact]
    public async Task A_path_names_a_version_whole()
    {
        var info = await Client.GetInfo(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights"), Key());

        Assert.Equal(await OverHttpAsync(new ColumnQuery()), await ReadAsync(Assert.Single(info.Endpoints).Ticket));
        var schema = await Client.GetSchema(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights@1"), Key());
        Assert.Equal(info.Schema.FieldsList.Select(f => f.Name), schema.FieldsList.Select(f => f.Name));
    }

    [Fact]
    public async Task What_no_row_meets_still_has_a_schema()
    {
        var info = await Client.GetInfo(Command("""{"node":"dataset:demo/flights","filter":"delay > 1000000"}"""), Key());
        using var call = Client.GetStream(info.Endpoints[0].Ticket, Key());

        Assert.Equal(info.Schema.FieldsList.Count, (await call.ResponseStream.Schema).FieldsList.Count);
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Tables_are_listed_and_aliases_resolved()
    {
        await Catalog.Datasets.SetAliasAsync(new QualifiedName("demo", "flights"), "gold", 1);
        var listed = new List<FlightInfo>();
        using var list = Client.ListFlights(new FlightCriteria("demo"), Key());
        await foreach (var info in list.ResponseStream.ReadAllAsync())
            listed.Add(info);
        using var action = Client.DoAction(new FlightAction("resolve", "dataset:demo/flights@gold"), Key());
        Assert.True(await action.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal("dataset:demo/flights@1", action.ResponseStream.Current.Body.ToStringUtf8());
        Assert.Equal("dataset:demo/flights", Assert.Single(Assert.Single(listed).Descriptor.Paths));
        using var none = Client.ListFlights(new FlightCriteria("nothing"), Key());
        Assert.False(await none.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Theory]
    [InlineData("""{"node":"dataset:demo/none"}""", StatusCode.NotFound, "dataset.not_found")]
    [InlineData("""{"node":"model:demo/flights"}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"flights"}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","columns":["none"]}""", StatusCode.InvalidArgument, "scan.bad_columns")]
    [InlineData("""{"node":"dataset:demo/flights","filter":"delay >"}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","shards":0}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","seed":1,"uneven":"some"}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","seed":1,"lanes":1000}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","seed":1,"batchRows":0}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","seed":1,"token":"x"}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("""{"node":"dataset:demo/flights","wrong":1}""", StatusCode.InvalidArgument, "request.invalid")]
    [InlineData("nonsense", StatusCode.InvalidArgument, "request.invalid")]
    public async Task What_cannot_be_had_is_refused_with_a_status_and_a_code(string command, StatusCode status, string code)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await Client.GetInfo(Command(command), Key()));

        Assert.Equal(status, refused.StatusCode);
        Assert.Equal(code, refused.Trailers.GetValue("catalog-code"));
    }

    [Fact]
    public async Task A_ticket_is_good_for_whom_it_was_issued_to_and_only_as_it_was_issued()
    {
        var info = await Client.GetInfo(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights"), Key());
        var ticket = info.Endpoints[0].Ticket.Ticket.ToByteArray();
        var other = (await Fresh.Api.PostAsync("/v1/keys", new { name = "reader", role = "reader", principal = "someone" })).Expect(201);

        var stolen = await RefusedAsync(ticket, Key(other["key"].GetString()));
        ticket[^20] ^= 1;
        var altered = await RefusedAsync(ticket, Key());
        var made = await RefusedAsync(Encoding.UTF8.GetBytes("dataset:demo/flights"), Key());

        Assert.Equal(StatusCode.PermissionDenied, stolen.StatusCode);
        Assert.Contains("somebody else", stolen.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(StatusCode.PermissionDenied, altered.StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, made.StatusCode);
    }

    [Fact]
    public async Task What_is_put_is_a_version_once_the_stream_ends_well()
    {
        var name = await NewDatasetAsync();
        var descriptor = FlightDescriptor.CreatePathDescriptor($"dataset:{name.Namespace}/{name.Name}");
        var info = await Client.GetInfo(Command("""{"node":"dataset:demo/flights","columns":["delay","origin"]}"""), Key());

        using (var put = Client.StartPut(descriptor, Key()))
        {
            using var flights = Client.GetStream(info.Endpoints[0].Ticket, Key());
            while (await flights.ResponseStream.MoveNext(CancellationToken.None))
                await put.RequestStream.WriteAsync(flights.ResponseStream.Current);
            await put.RequestStream.CompleteAsync();
            Assert.True(await put.ResponseStream.MoveNext(CancellationToken.None));
            var receipt = System.Text.Json.JsonDocument.Parse(put.ResponseStream.Current.ApplicationMetadata.ToByteArray()).RootElement;
            Assert.Equal(1, receipt.GetProperty("version").GetInt64());
        }

        var version = await Catalog.Datasets.GetVersionAsync(name, "latest");
        Assert.Equal("parquet", version.Format);
        var written = await Client.GetInfo(descriptor, Key());
        Assert.Equal(await ReadAsync(info.Endpoints[0].Ticket), await ReadAsync(written.Endpoints[0].Ticket));
    }

    [Fact]
    public async Task A_stream_that_breaks_off_makes_no_version()
    {
        var name = await NewDatasetAsync();
        var info = await Client.GetInfo(Command("""{"node":"dataset:demo/flights","columns":["delay"]}"""), Key());

        using (var put = Client.StartPut(FlightDescriptor.CreatePathDescriptor($"dataset:{name.Namespace}/{name.Name}"), Key()))
        {
            using var flights = Client.GetStream(info.Endpoints[0].Ticket, Key());
            Assert.True(await flights.ResponseStream.MoveNext(CancellationToken.None));
            await put.RequestStream.WriteAsync(flights.ResponseStream.Current);
        }

        Assert.Equal(0, (await Catalog.Datasets.GetAsync(name)).Latest);
    }

    [Theory]
    [InlineData("dataset:demo/flights@1", StatusCode.InvalidArgument)]
    [InlineData("model:demo/flights", StatusCode.InvalidArgument)]
    [InlineData("dataset:demo/nowhere", StatusCode.NotFound)]
    public async Task What_cannot_be_put_is_refused(string node, StatusCode status)
    {
        var info = await Client.GetInfo(Command("""{"node":"dataset:demo/flights","columns":["delay"],"filter":"delay > 1000"}"""), Key());
        using var flights = Client.GetStream(info.Endpoints[0].Ticket, Key());
        Assert.True(await flights.ResponseStream.MoveNext(CancellationToken.None));
        using var put = Client.StartPut(FlightDescriptor.CreatePathDescriptor(node), Key());

        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await put.RequestStream.WriteAsync(flights.ResponseStream.Current);
            await put.RequestStream.CompleteAsync();
            await put.ResponseStream.MoveNext(CancellationToken.None);
        });

        Assert.Equal(status, refused.StatusCode);
    }

    [Theory]
    [InlineData("PollFlightInfo")]
    [InlineData("Handshake")]
    public async Task What_is_not_answered_is_said_to_be_so(string name)
    {
        var bytes = Marshallers.Create(b => b, b => b);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "arrow.flight.protocol.FlightService", name, bytes, bytes);

        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await flight.Calls.AsyncUnaryCall(method, host: null, new CallOptions(Key()), []));

        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
    }

    [Fact]
    public async Task Nothing_is_answered_without_a_key()
    {
        var wrong = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.GetInfo(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights"), Key("wrong")));
        var none = await Assert.ThrowsAsync<RpcException>(
            async () => await Client.GetSchema(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights"), new Metadata()));

        Assert.Equal(StatusCode.Unauthenticated, wrong.StatusCode);
        Assert.Equal(StatusCode.Unauthenticated, none.StatusCode);
    }

    private async Task<QualifiedName> NewDatasetAsync()
    {
        var name = new QualifiedName("put", New.Name("rows"));
        await Catalog.Datasets.RegisterAsync(name, new Registration("team"));
        return name;
    }

    /// <summary>The rows that a reader has got through when it stops.</summary>
    private async Task<(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Rows)> BeginAsync(FlightTicket ticket, int rows)
    {
        using var call = Client.GetStream(ticket, Key());
        var metadata = (await call.ResponseStream.Schema).Metadata;
        var read = new List<string>();
        while (read.Count < rows && await call.ResponseStream.MoveNext(CancellationToken.None))
            AddRows(call.ResponseStream.Current, read);
        return (metadata, [.. read.Take(rows)]);
    }

    private static FlightDescriptor Command(string json) => FlightDescriptor.CreateCommandDescriptor(json);

    private Metadata Key(string? key = null) => new() { { "authorization", $"Bearer {key ?? Fresh.Api.Key}" } };

    private async Task<RpcException> RefusedAsync(byte[] ticket, Metadata key)
    {
        using var call = Client.GetStream(new FlightTicket(ticket), key);
        return await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    private async Task<List<string>> ReadAsync(FlightTicket ticket)
    {
        using var call = Client.GetStream(ticket, Key());
        var rows = new List<string>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            AddRows(call.ResponseStream.Current, rows);
        return rows;
    }

    private async Task<List<string>> OverHttpAsync(ColumnQuery query)
    {
        var reader = await Catalog.Datasets.ReadAsync(new QualifiedName("demo", "flights"), "latest");
        await using var stream = await reader.OpenColumnsAsync(query);
        var rows = new List<string>();
        await foreach (var batch in stream.BatchesAsync())
            AddRows(batch, rows);
        return rows;
    }

    private static void AddRows(RecordBatch batch, List<string> rows)
    {
        using (batch)
        {
            for (var row = 0; row < batch.Length; row++)
                rows.Add(string.Join('|', batch.Arrays.Select(a => ArrowText.Of(a, row))));
        }
    }
}
