package main

import (
	"encoding/json"
	"path/filepath"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
)

const (
	stakeDenom  = "ustake"
	marginDenom = "uusdc"
	// Both have six decimals. A hundred million each: nobody runs out in a test.
	coinsEach = 100_000_000_000_000
	// A deposit of one is enough for a proposal; the SDK wants more for an expedited one.
	deposit          = 1_000_000
	expeditedDeposit = 2_000_000
)

func writeGenesis(cdc codec.Codec, holders []holder, o options) error {
	file := filepath.Join(o.home, "config", "genesis.json")
	genesis, err := genutiltypes.AppGenesisFromFile(file)
	if err != nil {
		return err
	}
	state, err := genutiltypes.GenesisStateFromAppGenesis(genesis)
	if err != nil {
		return err
	}
	if err := fund(cdc, state, holders); err != nil {
		return err
	}
	if err := shortenVotes(cdc, state, o); err != nil {
		return err
	}
	if genesis.AppState, err = json.Marshal(state); err != nil {
		return err
	}
	genesis.Consensus.Params.Block.MaxGas = o.blockGas
	return genesis.SaveAs(file)
}

// fund gives everybody an account and coins.
func fund(cdc codec.Codec, state map[string]json.RawMessage, holders []holder) error {
	var auth authtypes.GenesisState
	if err := cdc.UnmarshalJSON(state[authtypes.ModuleName], &auth); err != nil {
		return err
	}
	var bank banktypes.GenesisState
	if err := cdc.UnmarshalJSON(state[banktypes.ModuleName], &bank); err != nil {
		return err
	}
	var accounts authtypes.GenesisAccounts
	coins := sdk.NewCoins(sdk.NewInt64Coin(stakeDenom, coinsEach), sdk.NewInt64Coin(marginDenom, coinsEach))
	for i, h := range holders {
		accounts = append(accounts, authtypes.NewBaseAccount(h.address, nil, uint64(i), 0))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: h.address.String(), Coins: coins})
		bank.Supply = bank.Supply.Add(coins...)
	}
	packed, err := authtypes.PackAccounts(accounts)
	if err != nil {
		return err
	}
	auth.Accounts = packed
	if state[authtypes.ModuleName], err = cdc.MarshalJSON(&auth); err != nil {
		return err
	}
	state[banktypes.ModuleName], err = cdc.MarshalJSON(&bank)
	return err
}

func shortenVotes(cdc codec.Codec, state map[string]json.RawMessage, o options) error {
	var gov govv1.GenesisState
	if err := cdc.UnmarshalJSON(state[govtypes.ModuleName], &gov); err != nil {
		return err
	}
	expedited := o.voting / 2
	gov.Params.VotingPeriod = &o.voting
	gov.Params.ExpeditedVotingPeriod = &expedited
	gov.Params.MaxDepositPeriod = &o.voting
	gov.Params.MinDeposit = sdk.NewCoins(sdk.NewInt64Coin(stakeDenom, deposit))
	gov.Params.ExpeditedMinDeposit = sdk.NewCoins(sdk.NewInt64Coin(stakeDenom, expeditedDeposit))
	text, err := cdc.MarshalJSON(&gov)
	state[govtypes.ModuleName] = text
	return err
}
