using Apache.Arrow.Flight;
using Catalog.IntegrationTests.Access;
using Catalog.IntegrationTests.Serving;
using Grpc.Core;

namespace Catalog.IntegrationTests.Flight;

/// <summary>What policies hold back stays back over Arrow Flight.</summary>
public sealed class MaskedFlightTests(FlightFixture flight) : IClassFixture<FlightFixture>
{
    private static readonly NodeId s_flights = NodeId.Dataset("demo", "flights", 1);

    [Fact]
    public async Task A_ticket_is_worth_what_may_be_read_when_it_is_redeemed()
    {
        var (principal, headers) = await ReaderAsync();
        var info = await flight.Client.GetInfo(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights"), headers);
        await Policies.MaskAsync(flight.Fresh.Api, principal, s_flights, "origin", "null");
        await Policies.FilterAsync(flight.Fresh.Api, principal, s_flights, "delay > 60");

        using var call = flight.Client.GetStream(Assert.Single(info.Endpoints).Ticket, headers);
        var schema = await call.ResponseStream.Schema;
        var (rows, shown) = (0, 0);
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            using var batch = call.ResponseStream.Current;
            rows += batch.Length;
            shown += batch.Length - batch.Column(schema.GetFieldIndex("origin")).NullCount;
        }

        Assert.Equal("""[{"column":"origin","mask":"null"}]""", schema.Metadata["catalog.masked"]);
        Assert.Equal("true", schema.Metadata["catalog.filtered"]);
        Assert.InRange(rows, 1, 100_000);
        Assert.Equal(0, shown);
    }

    [Fact]
    public async Task An_info_has_the_schema_that_is_sent_and_tells_neither_rows_nor_bytes()
    {
        var (principal, headers) = await ReaderAsync();
        await Policies.MaskAsync(flight.Fresh.Api, principal, s_flights, "delay", "bucket");

        var info = await flight.Client.GetInfo(FlightDescriptor.CreatePathDescriptor("dataset:demo/flights"), headers);

        Assert.True(info.Schema.GetFieldByName("delay").IsNullable);
        Assert.Equal("""[{"column":"delay","mask":"bucket"}]""", info.Schema.Metadata["catalog.masked"]);
        Assert.Equal((-1L, -1L), (info.TotalRecords, info.TotalBytes));
        var compared = await Assert.ThrowsAsync<RpcException>(async () => await flight.Client.GetInfo(
            FlightDescriptor.CreateCommandDescriptor("""{"node":"dataset:demo/flights","filter":"delay > 60"}"""), headers));
        Assert.Equal("access.masked_column", compared.Trailers.GetValue("catalog-code"));
    }

    [Fact]
    public async Task A_purpose_counts_when_a_ticket_is_redeemed_and_so_does_the_end_of_a_permission()
    {
        var (principal, headers) = await ReaderAsync("none");
        var id = New.Name("allow");
        var allow = new
        {
            id,
            principals = new[] { principal },
            actions = new[] { "read", "read-data" },
            resources = new[] { s_flights.WithoutVersion().ToString() },
            purposes = new[] { "training" },
        };
        (await ApplyAsync(allow)).Expect(200);
        var path = FlightDescriptor.CreatePathDescriptor("dataset:demo/flights");
        var (training, audit) = (With(headers, "training"), With(headers, "audit"));
        Assert.Equal(StatusCode.PermissionDenied, await RefusedAsync(async () => await flight.Client.GetInfo(path, headers)));
        Assert.Equal(StatusCode.PermissionDenied, await RefusedAsync(async () => await flight.Client.GetInfo(path, audit)));
        var ticket = Assert.Single((await flight.Client.GetInfo(path, training)).Endpoints).Ticket;

        foreach (var wrong in (Metadata[])[headers, audit])
            Assert.Equal(StatusCode.PermissionDenied, await RefusedAsync(() => FirstAsync(ticket, wrong)));
        Assert.True(await FirstAsync(ticket, training));

        (await ApplyAsync(new { id, effect = "deny", principals = new[] { principal }, actions = new[] { "read-data" } })).Expect(200);
        Assert.Equal(StatusCode.PermissionDenied, await RefusedAsync(() => FirstAsync(ticket, training)));
    }

    private Task<Answer> ApplyAsync(object statement) =>
        flight.Fresh.Api.PostAsync("/v1/policies/apply", new { statements = new[] { GovernedServer.Whole(statement) } });

    private static Metadata With(Metadata headers, string purpose)
    {
        var all = new Metadata { { "catalog-purpose", purpose } };
        foreach (var header in headers)
            all.Add(header);
        return all;
    }

    private async Task<bool> FirstAsync(FlightTicket ticket, Metadata headers)
    {
        using var call = flight.Client.GetStream(ticket, headers);
        return await call.ResponseStream.MoveNext(CancellationToken.None);
    }

    private static async Task<StatusCode> RefusedAsync(Func<Task> call) =>
        (await Assert.ThrowsAsync<RpcException>(call)).StatusCode;

    private async Task<(string Principal, Metadata Headers)> ReaderAsync(string role = "reader")
    {
        var principal = New.Name("someone");
        var key = (await flight.Fresh.Api.PostAsync("/v1/keys", new { name = principal, role, principal })).Expect(201);
        return (principal, new() { { "authorization", $"Bearer {key["key"].GetString()}" } });
    }
}
