using Apache.Arrow.Flight;
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

    private async Task<(string Principal, Metadata Headers)> ReaderAsync()
    {
        var principal = New.Name("someone");
        var key = (await flight.Fresh.Api.PostAsync("/v1/keys", new { name = principal, role = "reader", principal })).Expect(201);
        return (principal, new() { { "authorization", $"Bearer {key["key"].GetString()}" } });
    }
}
