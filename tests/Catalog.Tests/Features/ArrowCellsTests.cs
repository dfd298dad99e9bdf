using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.TrainingSets;
using Xunit;

namespace Catalog.Tests.Features;

/// <summary>Values as explanations tell them.</summary>
public sealed class ArrowCellsTests
{
    [Fact]
    public void Local_times_have_no_offset_and_instants_have_one()
    {
        Assert.Equal("\"2001-01-01T00:00:00\"", Told(JoinTables.Times([978_307_200], new TimestampType(TimeUnit.Second, (string?)null))));
        Assert.Equal("\"2001-01-01T00:00:00+00:00\"", Told(JoinTables.Times([978_307_200], new TimestampType(TimeUnit.Second, "UTC"))));
        Assert.Equal("\"2001-01-01\"", Told(JoinTables.Times([11_323], Date32Type.Default)));
    }

    [Fact]
    public void What_JSON_has_no_number_for_is_a_text_and_what_is_not_there_is_null()
    {
        var numbers = new DoubleArray.Builder().Append(double.NaN).AppendNull().Append(0.1).Build();

        Assert.Equal(["\"NaN\"", "null", "0.1"], Enumerable.Range(0, 3).Select(i => Told(numbers, i)));
    }

    private static string Told(IArrowArray array, int row = 0) => JsonSerializer.Serialize(ArrowCells.Of(array, row));
}
